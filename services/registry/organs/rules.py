"""What is asked of the organs: how many, who, and from when."""

from collections.abc import Container, Iterator, Sequence
from datetime import date
from typing import Any

from chassis.clock import months_after
from chassis.errors import Finding
from services.registry.fields import MemberKind, Organ
from services.registry.law.rules import Facts, Law, Norm
from services.registry.registrations.schemas import OfficerWrite, Registration


def persons_in(r: Registration, organ: Organ) -> set[str]:
    """Who sits in an organ, by member id: somebody with two functions is still one person."""
    return {o.member_id for o in r.officers or [] if o.organ == organ}


def presidents_of(r: Registration) -> list[str]:
    """The member id of each presidency of the managing organ."""
    managing = (o for o in r.officers or [] if o.organ == Organ.MANAGING)
    return [o.member_id for o in managing if o.function == "PRESIDENT"]


def managing_organ(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 223: committee of at most three, five from a hundred members (R11); art. 292:
    board of three to twelve (R13); exactly one president (R12)."""
    managers = persons_in(r, Organ.MANAGING)
    committee, board = law.norm("COMMITTEE_SIZE"), law.norm("BOARD_SIZE")
    if committee is not None and managers:
        usual, large, threshold = committee.numbers
        limit = large if len(r.members or []) >= threshold else usual
        if len(managers) > limit:
            yield committee.finding("/payload/officers", max=limit, actual=len(managers))
    if board is not None and managers:
        low, high = board.numbers
        if not low <= len(managers) <= high:
            yield board.finding("/payload/officers", min=low, max=high, actual=len(managers))
    presidents = len(presidents_of(r))
    norm = law.norm("PRESIDENT_REQUIRED")
    if norm is not None and r.officers and presidents != norm.numbers[0]:
        yield norm.finding("/payload/officers", actual=presidents)


def somebody_presides(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 223: exactly one president (R12); a list may have named nobody, and
    everybody may have left."""
    norm = law.norm("PRESIDENT_REQUIRED")
    if norm is not None and not r.officers:
        yield norm.finding("/payload/officers", actual=0)


def organs_are_held(r: Registration, law: Law, day: date) -> bool:
    """Whether nobody is lacking in an organ that the law asks of the form: exactly one presides
    (AUSCOOP art. 223, R12), a board is as large as it must be (art. 292, R13), and so is a
    supervision, where one is asked for (art. 257-258, R14). Who was elected and begins later
    counts; whose term has passed does not (art. 18-9): no confirmed text lets anybody sit on, and
    neither signs (`MANDATE_EXPIRED`) nor fills an organ (A1)."""
    held = [one for one in r.officers or [] if one.to_on is None or one.to_on >= day]
    still = r.model_copy(update={"officers": held})
    return _is_managed(still, law) and _is_supervised(still, law)


def _is_managed(r: Registration, law: Law) -> bool:
    board, president = law.norm("BOARD_SIZE"), law.norm("PRESIDENT_REQUIRED")
    least = board.numbers[0] if board is not None else 1
    is_presided = president is None or len(presidents_of(r)) == president.numbers[0]
    return is_presided and len(persons_in(r, Organ.MANAGING)) >= least


def _is_supervised(r: Registration, law: Law) -> bool:
    size, supervisors = law.norm("SUPERVISION_SIZE"), len(persons_in(r, Organ.SUPERVISORY))
    is_short = size is not None and 0 < supervisors < size.numbers[0]
    return not is_short and _missing_supervision(r, law) is None


def supervisory_organ(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 257–258: three to five supervisors, as soon as the members suffice (R14)."""
    supervisors, size = persons_in(r, Organ.SUPERVISORY), law.norm("SUPERVISION_SIZE")
    if size is not None and supervisors:
        low, high = size.numbers
        if not low <= len(supervisors) <= high:
            yield size.finding("/payload/officers", min=low, max=high, actual=len(supervisors))
    missing = _missing_supervision(r, law)
    if missing is not None:
        yield missing.finding("/payload/officers")


def _missing_supervision(r: Registration, law: Law) -> Norm | None:
    # the rule that is broken where nobody supervises, though enough members do not manage
    norm, managers = law.norm("SUPERVISION_MISSING"), persons_in(r, Organ.MANAGING)
    if norm is None or not managers or persons_in(r, Organ.SUPERVISORY):
        return None
    return norm if len(r.members or []) - len(managers) >= norm.numbers[0] else None


def organs_are_apart(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 258: nobody manages and supervises (R16)."""
    norm = law.norm("MANDATE_INCOMPATIBLE")
    managers = persons_in(r, Organ.MANAGING)
    for n, officer in enumerate(r.officers or []):
        is_both = officer.organ == Organ.SUPERVISORY and officer.member_id in managers
        if norm is not None and is_both:
            yield norm.finding(f"/payload/officers/{n}/member_id")


def supervisors_are_independent(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 258–259: no supervisor is linked to those who manage or is paid by the
    cooperative, as far as it was declared (R17)."""
    yield from linked(r.officers or [], law, "officers")


def linked(officers: Sequence[OfficerWrite], law: Law, at: str) -> Iterator[Finding]:
    """Who was declared to be linked and supervises."""
    norm = law.norm("MANDATE_LINKED_PERSON")
    for n, one in enumerate(officers):
        if norm is not None and one.organ == Organ.SUPERVISORY and one.is_linked:
            yield norm.finding(f"/payload/{at}/{n}/is_linked")


def legal_persons_are_represented(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 296: a legal person who is a director names a permanent representative (R18);
    art. 258: supervisors are natural persons (R14)."""
    legal = {m.id for m in r.members or [] if m.kind == MemberKind.LEGAL}
    yield from unrepresented(r.officers or [], legal, law, "officers")


def unrepresented(
    officers: Sequence[OfficerWrite], legal: Container[str], law: Law, at: str
) -> Iterator[Finding]:
    """Which mandates of legal persons lack a representative, or can be none of theirs; nobody else
    sits through another."""
    for n, one in enumerate(officers):
        yield from mandate_is_represented(one, legal, law, f"/payload/{at}/{n}")


def mandate_is_represented(
    one: OfficerWrite, legal: Container[str], law: Law, at: str
) -> Iterator[Finding]:
    """The same of one mandate, which stands at `at`."""
    named, natural = law.norm("REPRESENTATIVE_REQUIRED"), law.norm("SUPERVISOR_NOT_NATURAL")
    who = one.representative
    if one.member_id not in legal:
        # a name that no article publishes
        if who is not None:
            yield Finding(code="REPRESENTATIVE_NOT_EXPECTED", pointer=f"{at}/representative")
        return
    is_named = who is not None and who.family_name and who.given_names
    if named is not None and one.organ == Organ.MANAGING and not is_named:
        yield named.finding(f"{at}/representative")
    if natural is not None and one.organ == Organ.SUPERVISORY:
        yield natural.finding(f"{at}/member_id")


def presiding(declared: Any, blinds: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Of the keyed hashes of the persons that a registration brings, those of its presidents."""
    if not isinstance(declared, Registration):
        return ()
    chairs = set(presidents_of(declared))
    people = zip(declared.members or [], blinds, strict=True)
    return tuple(one for member, hashes in people if member.id in chairs for one in hashes)


def presides_once(r: Registration, law: Law, facts: Facts) -> Iterator[Finding]:
    """The same person presides over few cooperatives (R36): a sign to look at, not a breach."""
    norm = law.norm("MULTI_PRESIDENT")
    if norm is not None and facts.presidencies >= norm.numbers[0]:
        yield norm.finding("/payload/officers", actual=facts.presidencies + 1)


def officers_are_members(r: Registration, _: Law, __: Facts) -> Iterator[Finding]:
    """A mandate is held by a member of this very filing (R18); no law can make it otherwise, since
    an officer's name is found through the member."""
    members = {m.id for m in r.members or []}
    for n, officer in enumerate(r.officers or []):
        if officer.member_id not in members:
            yield Finding(code="OFFICER_NOT_MEMBER", pointer=f"/payload/officers/{n}/member_id")


def mandates_are_ordered(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 18-9: a mandate ends after it begins and lasts as long as the statutes say at
    most (R19); art. 294: it was not held before the constitutive assembly gave it (R20)."""
    order, evidence = law.norm("MANDATE_DATES"), law.norm("ELECTION_EVIDENCE_MISSING")
    for n, o in enumerate(r.officers or []):
        if order is not None and not is_term(o, r.mandate_years):
            yield order.finding(f"/payload/officers/{n}/to_on")
        if evidence is not None and o.from_on and r.assembly_on and o.from_on < r.assembly_on:
            yield evidence.finding(f"/payload/officers/{n}/from_on")


def is_term(mandate: OfficerWrite, years: int | None) -> bool:
    """Whether a mandate ends after it begins, and not later than the statutes allow."""
    since, until = mandate.from_on, mandate.to_on
    if since is None or until is None:
        return True
    return since <= until and (years is None or until <= months_after(since, 12 * years))

"""Corrections, worked out: nothing is rewritten, something is said again, rightly."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chassis.errors import Finding
from services.registry.acts import (
    Case,
    Rule,
    entries,
    fields_of,
    holds_after,
    inside,
    lacking,
    outcomes,
    required,
)
from services.registry.bylaws.rules import holdings_are_stated, unknown_members
from services.registry.corrections.mandates import (
    mandate_changes,
    mandates_touched,
    mandates_were_held,
    right_ends,
    right_ends_hold,
    right_mandates,
    terms_begin_before_the_end,
)
from services.registry.corrections.schemas import Correction, RegistrarNote
from services.registry.corrections.values import right_fields, told, what_is_emptied_may_be_empty
from services.registry.founding.rules import bond_is_open, shares_stay_under_the_cap
from services.registry.handovers.rules import goes_to_somebody, receiver_was_seen
from services.registry.history.rules import Change, Part, entries_of
from services.registry.law.rules import Facts, Law
from services.registry.mandates.rules import vacancies_only_warn
from services.registry.organs.rules import managing_organ, organs_are_apart
from services.registry.programme.rules import (
    identifiers_are_well_formed,
    identifiers_changes,
    rsc_is_right,
    rsc_of,
)
from services.registry.registrations.rules import (
    activity_is_known,
    activity_is_open,
    name_is_free,
    name_tells_the_form,
    seat_is_known,
    shares_make_the_capital,
)
from services.registry.registrations.schemas import Registration
from services.registry.returns.rules import right_return_changes, right_return_is_lawful


def correction_changes(said: Correction, case: Case) -> list[Change]:
    """The right values in place of the wrong ones."""
    held = [
        Change(Part.MEMBER, one.member_id, {**case.state.members[one.member_id],
                                            "shares": one.shares})
        for one in said.holdings or []
        if one.member_id in case.state.members and one.shares is not None
    ]  # fmt: skip
    place = case.place if said.fields and said.fields.seat else {}
    return [
        *right_fields(said),
        *fields_of(**place, rsc=rsc_of(said.rsc) if said.rsc else None),
        *fields_of(organisation_id=said.organisation_id),
        *identifiers_changes(said),
        *entries("ess_agreement", **told(said.ess_agreement)),
        *right_return_changes(said.annual_return, case),
        *held,
        *mandate_changes(said, case),
    ]


def wrong_filing_is_known(said: Correction, _: Law, facts: Facts) -> Iterator[Finding]:
    """What is corrected is an approved filing of this cooperative."""
    known = {one.filing_id for one in facts.happenings}
    if said.corrects_filing_id is not None and said.corrects_filing_id not in known:
        yield Finding(code="CORRECTED_FILING_UNKNOWN", pointer="/payload/corrects_filing_id")


def _spoken(wrong: Sequence[Change]) -> set[tuple[Part, str]]:
    # earlier effects assigned whole what is made of entries: they spoke of each of these
    found = {(one.part, one.key) for one in wrong}
    whole = [one for one in wrong if one.key in ("identifiers", "ess_agreement") and one.value]
    found |= {(Part.MANDATE, f"{one.key}.ended_on") for one in wrong if one.ends_a_mandate}
    return found | {(Part.FIELD, f"{one.key}.{n}") for one in whole for n in entries_of(one.value)}


def _touched(said: Correction) -> Iterator[tuple[Part, str, str]]:
    """What a correction says again: the part, its key, and where it says so."""
    for name in told(said.fields):
        key = "commune_code" if name == "seat" else name
        yield Part.FIELD, key, f"fields/{name}"
    for n, one in enumerate(said.holdings or []):
        yield Part.MEMBER, one.member_id, f"holdings/{n}/member_id"
    yield from mandates_touched(said)
    for n, number in enumerate(said.identifiers or []):
        yield Part.FIELD, f"identifiers.{number.scheme.value}", f"identifiers/{n}/scheme"
    for name in told(said.ess_agreement):
        yield Part.FIELD, f"ess_agreement.{name}", f"ess_agreement/{name}"
    for name in ("rsc", "organisation_id"):
        if getattr(said, name) is not None:
            yield Part.FIELD, name, name


def nothing_else_is_touched(said: Correction, _: Law, facts: Facts) -> Iterator[Finding]:
    """A correction says again what the wrong filing said, and nothing that it did not say: that
    would be a change, with its own filing."""
    if facts.corrects is None:
        return
    spoken = _spoken(facts.wrong)
    if facts.corrects == 1:  # whoever began the record said whose it is
        spoken.add((Part.FIELD, "organisation_id"))
    for part, key, at in _touched(said):
        if (part, key) not in spoken:
            yield Finding(code="CORRECTION_BEYOND_FILING", pointer=f"/payload/{at}")


def something_is_corrected(said: Correction, _: Law, __: Facts) -> Iterator[Finding]:
    """A correction without a right value is a note."""
    if not (told(said.annual_return) or any(True for _ in _touched(said))):
        yield Finding(code="NOTHING_CHANGES", pointer="/payload")


def right_values_are_stated(said: Correction, _: Law, __: Facts) -> Iterator[Finding]:
    """A right value is one."""
    for name, value in told(said.fields, "cps_tags").items():
        if value in ("", []):
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/fields/{name}")


# a right value is asked what the declaration of it was asked
right_values_are_lawful = inside(
    "fields", name_tells_the_form, seat_is_known, activity_is_known, activity_is_open, bond_is_open
)


def right_name_is_free(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """One name for one cooperative under an authority (R10): the name that it bears from now on,
    not one that it bore once."""
    name = said.fields.name if said.fields else None
    *_, last = [facts.state, *(state for _, state in outcomes(correction_changes, said, facts))]
    if name and last.fields.get("name") == name:
        for found in name_is_free(Registration(name=name), law, facts):
            yield replace(found, pointer="/payload/fields/name")


def holders_were_members(said: Correction, _: Law, facts: Facts) -> Iterator[Finding]:
    """Shares are put right of who was a member on that day, each once."""
    yield from unknown_members(said.holdings or [], "holdings", facts)


def right_agreement(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """An agrément that is put right ends after it begins."""
    if said.ess_agreement is None:
        return
    known = entries_of(facts.state.fields.get("ess_agreement"))
    since, until = (
        {**known, **told(said.ess_agreement)}.get(name) for name in ("from_on", "to_on")
    )
    if since and until and until < since:
        yield Finding(code="PERIOD_ENDS_FIRST", pointer="/payload/ess_agreement/to_on")


_organs_hold = vacancies_only_warn(
    holds_after(
        correction_changes, (managing_organ, organs_are_apart), "/payload", but_vacancies=True
    )
)


def organs_hold(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """The organs are what the law asks for on every later day, too (R11-R13, R16); where ends are
    put right, who is too many is told there."""
    for found in _organs_hold(said, law, facts):
        if lacking(found) or not said.ends:
            yield found


CORRECTION: tuple[Rule, ...] = (
    required("corrects_filing_id", "reason"),
    something_is_corrected,
    wrong_filing_is_known,
    nothing_else_is_touched,
    right_values_are_stated,
    right_values_are_lawful,
    what_is_emptied_may_be_empty,
    right_name_is_free,
    holdings_are_stated,
    holders_were_members,
    mandates_were_held,
    right_mandates,
    terms_begin_before_the_end,
    right_ends,
    right_ends_hold,
    inside("annual_return", right_return_is_lawful),
    rsc_is_right,
    identifiers_are_well_formed,
    right_agreement,
    goes_to_somebody,
    receiver_was_seen,
    holds_after(correction_changes, (shares_make_the_capital,), "/payload"),
    organs_hold,
    holds_after(correction_changes, (shares_stay_under_the_cap,), "/payload/holdings"),
)
NOTE: tuple[Rule, ...] = (required("subject", "note"),)


def note_changes(_: RegistrarNote, __: Case) -> list[Change]:
    """A note changes nothing."""
    return []

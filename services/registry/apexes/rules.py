"""What is asked of unions, federations and confederations: their members are cooperatives."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chassis.errors import Finding
from services.registry.fields import LegalForm
from services.registry.history.rules import State
from services.registry.law.rules import Facts, Law, Peer
from services.registry.registrations.schemas import Founder, MemberWrite, Registration

APEXES = frozenset({LegalForm.UNION, LegalForm.FEDERATION, LegalForm.CONFEDERATION})
Affiliate = dict[str, Any]


def vocation_of(fields: Mapping[str, Any]) -> str | None:
    """The vocation of a union: its principal activity, the first that it states."""
    sectors = fields.get("sector_codes") or [None]
    return sectors[0] if fields.get("legal_form") == LegalForm.UNION else None


def is_apex(form: str | None) -> bool:
    """Whether the members of a body of that form are cooperatives."""
    return form in APEXES


def affiliates_of(state: State) -> list[Affiliate]:
    """The cooperatives that belong to an apex body, as its record has them."""
    return list(state.fields.get("affiliates") or [])


def affiliate(one: Founder, people: Iterable[MemberWrite], ids: Mapping[str, str]) -> Affiliate:
    """A member of an apex body, as its record keeps it: with the delegates whom it sent."""
    sent = [ids.get(m.id, m.id) for m in people if m.delegate_of == one.cooperative_id]
    return {"cooperative_id": str(one.cooperative_id), "shares": one.shares or 0, "delegates": sent}


def expected(
    founders: Sequence[Founder], form: str | None, facts: Facts, at: str
) -> Iterator[Finding]:
    """Only an apex body has cooperatives as members; each is named once, and is not there yet."""
    if founders and form is not None and not is_apex(form):
        yield Finding(code="FOUNDERS_NOT_EXPECTED", pointer=at)
    times = Counter(str(one.cooperative_id) for one in founders)
    times.update(one["cooperative_id"] for one in affiliates_of(facts.state))
    for n, one in enumerate(founders):
        if times[str(one.cooperative_id)] > 1:
            yield Finding(code="MEMBER_NAMED_TWICE", pointer=f"{at}/{n}/cooperative_id")


def fitting(founders: Sequence[Founder], law: Law, facts: Facts, at: str) -> Iterator[Finding]:
    """A member is a living record of this register, of a form that the apex may have (AUSCOOP art.
    133, 141), and in no other union of the same vocation (art. 133 ff., R7): its principal
    activity, the first that the union states."""
    form, free = law.norm("APEX_MEMBER_FORM"), law.norm("ALREADY_AFFILIATED")
    for n, one in enumerate(founders):
        peer, here = facts.peers.get(str(one.cooperative_id)), f"{at}/{n}/cooperative_id"
        if peer is None:
            yield Finding(code="APEX_MEMBER_UNKNOWN", pointer=here)
            continue
        if peer.life != "REGISTERED":
            yield Finding(code="APEX_MEMBER_CLOSED", pointer=here, params={"life": peer.life})
        if form is not None and peer.legal_form not in form.words:
            yield form.finding(here, expected=", ".join(form.words), actual=peer.legal_form)
        if free is not None and peer.affiliated_to is not None:
            yield free.finding(here, registration_number=peer.affiliated_to)


def enough(ids: Iterable[str], law: Law, facts: Facts, at: str) -> Iterator[Finding]:
    """Art. 133: a union of at least two cooperatives (R4); art. 141: a federation of at least two
    unions, whatever else it affiliates (R6)."""
    norm = law.norm("APEX_MEMBERS_BELOW_MINIMUM")
    if norm is None:
        return
    least, *forms = norm.words  # how many at least, and of which forms: `2;SCOOPS;COOP_CA`
    found = [peer for peer in _peers(ids, facts) if peer.legal_form in forms]
    if len(found) < int(least):
        yield norm.finding(at, min=int(least), actual=len(found))


def _peers(ids: Iterable[str], facts: Facts) -> list[Peer]:
    return [facts.peers[id] for id in sorted(set(ids)) if id in facts.peers]


def of_one_object(ids: Iterable[str], law: Law, facts: Facts, at: str) -> Iterator[Finding]:
    """Art. 133: the cooperatives of a union have the same object: at least one activity of the
    reference table is common to all of them (R4)."""
    norm, sectors = (
        law.norm("APEX_OBJECT_MISMATCH"),
        [set(p.sector_codes) for p in _peers(ids, facts)],
    )
    if norm is not None and len(sectors) > 1 and not set.intersection(*sectors):
        yield norm.finding(at)


def represented(
    founders: Sequence[Founder], people: Sequence[MemberWrite], law: Law, at: str
) -> Iterator[Finding]:
    """Art. 134, 141: each founder sends at least three mandated delegates (R5)."""
    norm, sent = law.norm("DELEGATES_BELOW_MINIMUM"), Counter(m.delegate_of for m in people)
    for n, one in enumerate(founders):
        if norm is not None and sent[one.cooperative_id] < norm.numbers[0]:
            told = {"min": norm.numbers[0], "actual": sent[one.cooperative_id]}
            yield norm.finding(f"{at}/{n}/cooperative_id", **told)


def sent_by_a_member(
    people: Sequence[MemberWrite], senders: Iterable[str], at: str
) -> Iterator[Finding]:
    """The persons of an apex body are delegates of its members."""
    known = set(senders)
    for n, one in enumerate(people):
        if str(one.delegate_of) not in known:
            yield Finding(code="DELEGATE_OF_NOBODY", pointer=f"{at}/{n}/delegate_of")


def apex_is_founded(r: Registration, law: Law, facts: Facts) -> Iterator[Finding]:
    """Everything that is asked of the founders of an apex body (R4-R7)."""
    founders, people, at = r.founders or [], r.members or [], "/payload/founders"
    yield from expected(founders, r.legal_form, facts, at)
    if not is_apex(r.legal_form):
        return
    ids = [str(one.cooperative_id) for one in founders]
    yield from fitting(founders, law, facts, at)
    yield from enough(ids, law, facts, at)
    yield from of_one_object(ids, law, facts, at)
    yield from represented(founders, people, law, at)
    yield from sent_by_a_member(people, ids, "/payload/members")

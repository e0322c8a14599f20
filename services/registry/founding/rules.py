"""What shows that a cooperative was founded as the Act wants it: statutes, signatures, payments.

A dossier may say more or less about these. What it says is held against the law; what it does not
say at all is asked of the agent who has the papers before them, as a warning.
"""

from collections.abc import Iterator, Sequence

from chassis.errors import Finding
from services.registry.law.rules import Facts, Law
from services.registry.registrations.schemas import MemberWrite, Registration


def statutes_are_whole(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 18: what the statutes must state; the items that the declaration ticks (R21)."""
    norm, silent = law.norm("STATUTES_ITEM_MISSING"), law.norm("STATUTES_NOT_DECLARED")
    if r.statutes_items is None:
        if silent is not None:
            yield silent.finding("/payload/statutes_items")
        return
    for item in norm.numbers if norm else []:
        if norm is not None and item not in r.statutes_items:
            yield norm.finding("/payload/statutes_items", item=item)


def members_signed(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 10, 18: the founders signed, or put their fingerprint (R39)."""
    yield from signatures_of(r.members or [], law, "members")


def signatures_of(people: Sequence[MemberWrite], law: Law, at: str) -> Iterator[Finding]:
    """Each of them signed, if the declaration says so of any."""
    norm, silent = law.norm("SIGNATURE_REQUIRED"), law.norm("SIGNATURES_NOT_DECLARED")
    if not any(one.signed for one in people):
        if people and silent is not None:
            yield silent.finding(f"/payload/{at}")
        return
    for n, one in enumerate(people):
        if norm is not None and one.signed is None:
            yield norm.finding(f"/payload/{at}/{n}/signed")


def capital_is_subscribed(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 269: the capital of a COOP-CA is wholly subscribed before its assembly (R27)."""
    norm = law.norm("CAPITAL_NOT_SUBSCRIBED")
    shares = [member.shares for member in r.members or []]
    if norm is None or r.capital_xof is None or r.share_value_xof is None or None in shares:
        return
    subscribed = sum(s or 0 for s in shares) * r.share_value_xof
    if subscribed < r.capital_xof:
        yield norm.finding(
            "/payload/capital_xof", subscribed=subscribed, missing=r.capital_xof - subscribed
        )


def shares_are_paid(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 270: a quarter of each cash share is paid at least (R27), where payments are
    declared."""
    norm, value = law.norm("CAPITAL_UNDERPAID"), r.share_value_xof
    people = r.members or []
    if norm is None or value is None or all(one.paid_xof is None for one in people):
        return
    for n, one in enumerate(people):
        owed = -(-(one.shares or 0) * value * norm.numbers[0] // 100)
        if (one.paid_xof or 0) < owed:
            at = f"/payload/members/{n}/paid_xof"
            yield norm.finding(at, min=owed, actual=one.paid_xof or 0)


def shares_stay_under_the_cap(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 18-10: nobody holds more than the statutes allow one member (R30)."""
    norm, cap = law.norm("SHARE_CAP_EXCEEDED"), r.share_cap_percent
    total = sum(member.shares or 0 for member in r.members or [])
    if norm is None or cap is None or total == 0:
        return
    for n, member in enumerate(r.members or []):
        if (member.shares or 0) * 100 > cap * total:
            yield norm.finding(f"/payload/members/{n}/shares", max_percent=cap)


def bond_is_open(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """AUSCOOP art. 6: sex, ethnicity, religion and politics are no condition of membership (R41):
    a bond is a trade or a project. A jurist reads what these words mean."""
    norm = law.norm("DISCRIMINATORY_BOND")
    phrase = norm and norm.phrase_in(r.common_bond or "")
    if norm is not None and phrase:
        yield norm.finding("/payload/common_bond", words=phrase)


FOUNDING = (
    statutes_are_whole,
    members_signed,
    capital_is_subscribed,
    shares_are_paid,
    shares_stay_under_the_cap,
    bond_is_open,
)

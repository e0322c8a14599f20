"""What is asked of the members of a group."""

from collections import Counter
from collections.abc import Iterator, Sequence

from chassis.errors import Finding
from chassis.phones import normal_phone
from services.training.delegations.schemas import MemberWrite


def members_are_distinct(members: Sequence[MemberWrite]) -> Iterator[Finding]:
    """The ids that a group gives to its members are all different (rule 12)."""
    ids = Counter(member.id for member in members if member.id is not None)
    for n, member in enumerate(members):
        if member.id is not None and ids[member.id] > 1:
            yield Finding(code="INVALID_DELEGATION", pointer=f"/members/{n}/id")


def members_can_fit(members: Sequence[MemberWrite], capacity: int) -> Iterator[Finding]:
    """A group larger than the whole session would wait for ever (rule 12)."""
    if len(members) > capacity:
        params = {"max": capacity, "actual": len(members)}
        yield Finding(code="INVALID_DELEGATION", pointer="/members", params=params)


def members_are_plausible(members: Sequence[MemberWrite], year: int) -> Iterator[Finding]:
    """A telephone number exists, and nobody is born after today (rule 37)."""
    for n, member in enumerate(members):
        if member.phone is not None and normal_phone(member.phone) is None:
            yield Finding(code="INVALID_LEARNER", pointer=f"/members/{n}/phone")
        if member.birth_year is not None and not year - 120 <= member.birth_year <= year:
            yield Finding(code="INVALID_LEARNER", pointer=f"/members/{n}/birth_year")

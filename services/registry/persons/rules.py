"""What is asked of persons: that they are distinct and well described; nothing is decoded."""

from collections import Counter
from collections.abc import Iterator, Sequence

from chassis.errors import Finding
from chassis.phones import normal_phone
from services.registry.law.rules import Facts, Law
from services.registry.registrations.schemas import MemberWrite, Registration


def persons_are_distinct(r: Registration, law: Law, _: Facts) -> Iterator[Finding]:
    """Ids are unique in a filing, and nobody is a member twice (R35)."""
    yield from same_persons(r.members or [], law, "members")


def same_persons(persons: Sequence[MemberWrite], law: Law, at: str) -> Iterator[Finding]:
    """Who stands twice in one list of a payload, by id or by national number."""
    ids = Counter(person.id for person in persons)
    nins = Counter(digits(person.nin) for person in persons if person.nin)
    norm = law.norm("MEMBER_DUPLICATE")
    for n, person in enumerate(persons):
        if ids[person.id] > 1:
            yield Finding(code="MEMBER_ID_DUPLICATE", pointer=f"/payload/{at}/{n}/id")
        if norm is not None and person.nin and nins[digits(person.nin)] > 1:
            yield norm.finding(f"/payload/{at}/{n}/nin")


def persons_are_well_described(r: Registration, law: Law, facts: Facts) -> Iterator[Finding]:
    """Every founding member, as `describe_person` asks."""
    for n, member in enumerate(r.members or []):
        yield from describe_person(member, law, facts, f"/payload/members/{n}")


def describe_person(m: MemberWrite, law: Law, facts: Facts, at: str) -> Iterator[Finding]:
    """NIN of thirteen digits, never decoded (R34); Senegalese telephone numbers; births that
    agree; adults, if a jurist confirms the age (R37)."""
    nin, adult = law.norm("NIN_FORMAT"), law.norm("LEGAL_CAPACITY")
    if nin and m.nin and not _has_digits(m.nin, nin.numbers[0]):
        yield nin.finding(f"{at}/nin", length=nin.numbers[0])
    if m.phone and normal_phone(m.phone) is None:
        yield Finding(code="PHONE_FORMAT", pointer=f"{at}/phone")
    year = birth_year(m)
    if m.birth_date and m.birth_year and m.birth_date.year != m.birth_year:
        yield Finding(code="BIRTH_MISMATCH", pointer=f"{at}/birth_year")
    elif year is not None and not facts.today.year - 120 <= year <= facts.today.year:
        yield Finding(code="BIRTH_IMPLAUSIBLE", pointer=f"{at}/birth_year")
    elif adult and year is not None and facts.today.year - year < adult.numbers[0]:
        yield adult.finding(f"{at}/birth_year", min=adult.numbers[0])


def digits(nin: str) -> str:
    """A national number without the spaces and dashes that people write."""
    return nin.replace(" ", "").replace("-", "")


def _has_digits(nin: str, length: int) -> bool:
    # other scripts have digits too, but the same number written in them would be another person's
    bare = digits(nin)
    return bare.isascii() and bare.isdecimal() and len(bare) == length


def birth_year(member: MemberWrite) -> int | None:
    """The year of birth, however it was given."""
    return member.birth_date.year if member.birth_date else member.birth_year

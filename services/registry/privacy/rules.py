"""What stands against an erasure or a rectification, with the law that says so."""

from collections.abc import Iterator
from datetime import date

from chassis.errors import Finding
from chassis.phones import normal_phone
from services.registry.cooperatives.models import Member
from services.registry.law.rules import Law
from services.registry.names import has_hidden_characters
from services.registry.persons.rules import digits
from services.registry.privacy.models import RequestKind
from services.registry.privacy.schemas import Changes, DataRequestWrite

NAMES = ("family_name", "given_names")


def complete(said: DataRequestWrite) -> Iterator[Finding]:
    """A rectification says what to change, and nothing else does."""
    named = said.changes.model_dump(exclude_none=True) if said.changes else {}
    is_rectification = said.kind == RequestKind.RECTIFICATION
    if is_rectification and not named:
        yield Finding(code="CHANGES_REQUIRED", pointer="/changes")
    if not is_rectification and said.changes is not None:
        yield Finding(code="CHANGES_NOT_EXPECTED", pointer="/changes")


def well_said(changes: Changes, law: Law, today: date) -> Iterator[Finding]:
    """The same that is asked of persons in a filing: numbers in their format (R34), names that hide
    nothing, births that agree."""
    norm = law.norm("NIN_FORMAT")
    if norm and changes.nin:
        bare = digits(changes.nin)
        if not (bare.isascii() and bare.isdecimal() and len(bare) == norm.numbers[0]):
            yield norm.finding("/changes/nin", length=norm.numbers[0])
    if changes.phone and normal_phone(changes.phone) is None:
        yield Finding(code="PHONE_FORMAT", pointer="/changes/phone")
    for name in NAMES:
        if has_hidden_characters(getattr(changes, name) or ""):
            yield Finding(code="TEXT_HIDDEN_CHARACTERS", pointer=f"/changes/{name}")
    yield from _birth(changes, today)


def _birth(changes: Changes, today: date) -> Iterator[Finding]:
    born, year = changes.birth_date, changes.birth_year
    if born and year and born.year != year:
        yield Finding(code="BIRTH_MISMATCH", pointer="/changes/birth_year")
    said = born.year if born else year
    if said is not None and not today.year - 120 <= said <= today.year:
        yield Finding(code="BIRTH_IMPLAUSIBLE", pointer="/changes/birth_year")


def against_erasure(member: Member, *, is_officer: bool) -> Iterator[Finding]:
    """A cooperative keeps the register of its members, and its officers are public."""
    if member.left_on is None:
        law = "AUSCOOP art. 8-9"
        yield Finding(code="MEMBERSHIP_CURRENT", pointer="/outcome", law_ref=law)
        if is_officer:
            law = "AUSCOOP art. 70"
            yield Finding(code="OFFICER_PUBLISHED", pointer="/outcome", law_ref=law)


def against_rectification(changes: Changes, *, is_published: bool) -> Iterator[Finding]:
    """A name that was published changes by a filing, which everybody can see."""
    said = changes.model_dump(exclude_none=True)
    for name in NAMES:
        if is_published and name in said:
            law = "AUSCOOP art. 70"
            yield Finding(code="NAME_IS_PUBLISHED", pointer=f"/changes/{name}", law_ref=law)

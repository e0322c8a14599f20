"""What the law asks, held against a row of an existing list.

The rules and their sources are those of the law table. What only a new file can meet is a warning
here (domain rules R1–R31, «W on import»): the record exists, and an import that refused it would
only hide it. What makes a record impossible or doubled still blocks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.sn import ninea

from chassis.errors import Finding
from services.registry.imports.columns import ImportField as F
from services.registry.imports.values import Entry, blocked, doubtful
from services.registry.law.rules import Law, Norm, regulated
from services.registry.names import fold

_COOPERATIVES = {"SCOOPS", "COOP_CA", "UNION", "FEDERATION", "CONFEDERATION"}
_SAVINGS = "64"  # CITI division of financial services


@dataclass(frozen=True)
class Known:
    """What the register, and the file above this row, know of it."""

    taken_by: str | None = None  # the number of the record with this very name here
    elsewhere: tuple[str, ...] = ()  # numbers of records with this very name in other places
    similar_to: tuple[str, ...] = ()
    row_like_it: int | None = None  # an earlier row whose name looks like this one, here
    row_of_name: int | None = None  # an earlier row with this very name here
    identifiers: frozenset[tuple[str, str]] = frozenset()  # already used by others


def findings(entry: Entry, law: Law, known: Known) -> list[Finding]:
    """Everything that law and register have to say about a row."""
    rules = (_name, _twins, _gaps, _activity, _members, _numbers)
    return [finding for rule in rules for finding in rule(entry, law, known)]


def _told(norm: Norm | None, at: F, **params: object) -> Iterator[Finding]:
    if norm is not None:
        yield replace(norm.finding(f"/{at.value}", **params), severity="WARN")


def _name(entry: Entry, law: Law, _: Known) -> Iterator[Finding]:
    folded = f" {fold(entry.name)} "
    reserved, sigle = law.norm("NAME_RESERVED_TERM"), law.norm("NAME_FORM_SUFFIX_MISSING")
    if reserved is not None and reserved.phrase_in(entry.name):
        yield from _told(reserved, F.NAME)
    if sigle is not None and f" {fold(sigle.value)} " not in folded:
        yield from _told(sigle, F.NAME, expected=sigle.value)


def _twins(entry: Entry, law: Law, known: Known) -> Iterator[Finding]:
    """One name under one authority (R10): the same organisation is not entered twice."""
    norm = law.norm("NAME_ALREADY_USED")
    if known.taken_by is not None:
        yield blocked("NAME_ALREADY_USED", F.NAME, registration_number=known.taken_by)
    elif known.row_of_name is not None and norm is not None:
        yield blocked("ROW_DOUBLED", F.NAME, row=known.row_of_name)
    elif known.row_like_it is not None:
        yield doubtful("ROW_SIMILAR", F.NAME, row=known.row_like_it)
    if known.elsewhere:
        yield doubtful("NAME_USED_ELSEWHERE", F.NAME, numbers=", ".join(known.elsewhere))
    if known.similar_to and known.taken_by is None:
        yield doubtful("NAME_SIMILAR", F.NAME, similar_to=", ".join(known.similar_to))


def _gaps(entry: Entry, law: Law, _: Known) -> Iterator[Finding]:
    if entry.common_bond is None:
        yield from _told(law.norm("COMMON_BOND_REQUIRED"), F.COMMON_BOND)
    yield Finding(code="PERSONS_NOT_STATED", pointer="", severity="WARN")


def _activity(entry: Entry, law: Law, _: Known) -> Iterator[Finding]:
    """Savings, credit and deposits need the Finance ministry's agrément (R40): told, since who has
    it exists by that agrément and not by this register."""
    norm = regulated(law, f"{entry.object or ''} {entry.name}")
    if norm is not None:
        yield from _told(norm, F.OBJECT if entry.object else F.NAME)
    elif any(code.startswith(_SAVINGS) for code in entry.sector_codes):
        yield from _told(law.norm("REGULATED_ACTIVITY"), F.SECTORS)


def _members(entry: Entry, law: Law, _: Known) -> Iterator[Finding]:
    norm = law.norm("MEMBERS_BELOW_MINIMUM")
    if norm is not None and entry.members_count is not None:
        least = norm.numbers[0]
        if entry.members_count < least:
            yield from _told(norm, F.MEMBERS_COUNT, min=least, actual=entry.members_count)


def _numbers(entry: Entry, law: Law, known: Known) -> Iterator[Finding]:
    numbers: Mapping[str, str] = {one["scheme"]: one["number"] for one in entry.identifiers}
    if "NINEA" in numbers:
        yield from _ninea(numbers["NINEA"], law)
    if "RCCM" in numbers and entry.legal_form in _COOPERATIVES:
        yield from _told(law.norm("RCCM_NOT_ALLOWED"), F.RCCM)
    if "RSC" in numbers:
        yield from _told(law.norm("RSC_PROOF_REQUIRED"), F.RSC_NUMBER)
    for at, scheme in ((F.NINEA, "NINEA"), (F.RCCM, "RCCM"), (F.RSC_NUMBER, "RSC"),
                       (F.RECEIPT_NUMBER, "ASSOCIATION_RECEIPT"),
                       (F.ESS_AGREEMENT_NUMBER, "ESS_AGREEMENT")):  # fmt: skip
        if scheme in numbers and (scheme, numbers[scheme]) in known.identifiers:
            yield doubtful("IDENTIFIER_ALREADY_KNOWN", at)


def _ninea(number: str, law: Law) -> Iterator[Finding]:
    """The shape blocks, the check digit only warns: its source is no decree (R33)."""
    shape, sum_ = law.norm("NINEA_FORMAT"), law.norm("NINEA_CHECKSUM")
    try:
        ninea.validate(number)
    except InvalidChecksum:
        yield from _told(sum_, F.NINEA)
    except ValidationError:
        if shape is not None:
            yield shape.finding(f"/{F.NINEA.value}")

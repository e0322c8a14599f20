"""The rules in force on a day, as a value that pure functions can ask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, cast

from chassis.errors import Finding
from services.registry.history.rules import Change, Happening, State
from services.registry.law.models import LawRule
from services.registry.names import fold


@dataclass(frozen=True, slots=True)
class Norm:
    """One rule in force: its numbers or words, its weight, its source."""

    code: str
    value: str
    severity: Literal["BLOCK", "WARN"]
    law_ref: str | None
    confidence: str = ""

    @property
    def numbers(self) -> list[int]:
        """The whole numbers of the value; words beside them say what they are about."""
        return [int(part) for part in self.value.split(";") if part.isdecimal()]

    @property
    def words(self) -> list[str]:
        """The value as words."""
        return self.value.split(";")

    def phrase_in(self, text: str) -> str | None:
        """The first of its words, or of its phrases, that stands in a text. A phrase behind a `-`
        is none, and is passed over: `depots sauvages` are no deposits of money."""
        folded = f" {fold(text)} "
        for other in self.words:
            if other.startswith("-"):
                folded = folded.replace(f" {fold(other)} ", " ")
        said = (one for one in self.words if not one.startswith("-"))
        return next((one for one in said if f" {fold(one)} " in folded), None)

    def finding(self, pointer: str, **params: Any) -> Finding:
        """This rule, broken at `pointer`."""
        return Finding(
            code=self.code,
            pointer=pointer,
            severity=self.severity,
            params=params,
            law_ref=self.law_ref,
        )


class Law:
    """Every rule in force for one legal form."""

    def __init__(self, rows: Iterable[LawRule], legal_form: str | None) -> None:
        self._rows, self._form = tuple(rows), legal_form
        self._found = {row.code: row for row in self._rows if row.legal_form in ("", legal_form)}
        self._norms: dict[str, Norm] = {}

    def norm(self, code: str) -> Norm | None:
        """The rule behind `code`, or None when it is off or not meant for this form."""
        norm, row = self._norms.get(code), self._found.get(code)
        if norm is None and row is not None:
            norm = self._norms[code] = _norm(row)
        return norm

    def of(self, legal_form: str) -> "Law":
        """The law of the same day for another form: what a transformation leads to or left."""
        return self if legal_form == self._form else Law(self._rows, legal_form)


def regulated(law: Law, text: str) -> Norm | None:
    """The rule that an activity meets, if any: it names money (R40), or what only a reader tells
    from deposits and loans of goods (R40b)."""
    norms = (law.norm("REGULATED_ACTIVITY"), law.norm("ACTIVITY_MAY_BE_REGULATED"))
    return next((norm for norm in norms if norm is not None and norm.phrase_in(text)), None)


def _norm(row: LawRule) -> Norm:
    severity = cast(Literal["BLOCK", "WARN"], row.severity)
    return Norm(row.code, row.value, severity, row.law_ref, row.confidence)


@dataclass(frozen=True)
class Peer:
    """Another cooperative of the register, which a declaration names."""

    legal_form: str
    life: str
    sector_codes: tuple[str, ...] = ()
    affiliated_to: str | None = None  # the registration number of its union of that vocation


@dataclass(frozen=True)
class Facts:
    """What the register knows around a declaration."""

    today: date
    effective_on: date | None = None
    arrived_on: date | None = None  # when it took its place in the arrival register, if it did
    is_initiative_free: bool = True  # no cooperative has come of it yet
    is_commune_known: bool = True
    seat_authority: str | None = None
    arrived_at: str | None = None  # the authority that gave the arrival number
    known_sectors: frozenset[str] = frozenset()
    taken_by: str | None = None  # registration number of a cooperative with the very same name
    similar_to: tuple[str, ...] = ()
    # what is known about the cooperative that a filing is about
    state: State = field(default_factory=State)
    happenings: tuple[Happening, ...] = ()
    corrects: int | None = None  # the revision that a correction is about
    wrong_decided_on: date | None = None  # and when that was decided, as it was declared
    owner: str | None = None  # whose the record is, or nobody's yet
    is_receiver_known: bool = True  # whether who is to have it ever said anything here
    members_already: frozenset[int] = frozenset()  # which persons it brings are members already
    peers: Mapping[str, Peer] = field(default_factory=dict)  # by id: founders of an apex body
    legal_members: frozenset[str] = frozenset()  # which of its members are legal persons
    rsc_taken_by: str | None = None  # registration number of who has that number already
    presidencies: int = 0  # how many other cooperatives are presided over by one of the persons

    @property
    def began_on(self) -> date | None:
        """The day from which the record is: nothing that was approved later begins it earlier."""
        return self.happenings[0].effective_on if self.happenings else None

    @property
    def wrong(self) -> Sequence[Change]:
        """What the filing said that a correction is about."""
        found = (one.changes for one in self.happenings if one.revision == self.corrects)
        return next(found, ())

    @property
    def filed_on(self) -> date:
        """The day that a time limit is held against: a file does not become late on a desk."""
        return self.arrived_on or self.today

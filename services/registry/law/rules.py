"""The rules in force on a day, as a value that pure functions can ask."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, cast

from chassis.errors import Finding
from services.registry.history.rules import Happening, State
from services.registry.law.models import LawRule


@dataclass(frozen=True)
class Norm:
    """One rule in force: its numbers or words, its weight, its source."""

    code: str
    value: str
    severity: Literal["BLOCK", "WARN"]
    law_ref: str | None
    confidence: str = ""

    @property
    def numbers(self) -> list[int]:
        """The value as whole numbers."""
        return [int(part) for part in self.value.split(";")]

    @property
    def words(self) -> list[str]:
        """The value as words."""
        return self.value.split(";")

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
        self._norms = {
            row.code: Norm(
                row.code,
                row.value,
                cast(Literal["BLOCK", "WARN"], row.severity),
                row.law_ref,
                row.confidence,
            )
            for row in rows
            if row.legal_form in ("", legal_form)
        }

    def norm(self, code: str) -> Norm | None:
        """The rule behind `code`, or None when it is off or not meant for this form."""
        return self._norms.get(code)


@dataclass(frozen=True)
class Facts:
    """What the register knows around a declaration."""

    today: date
    effective_on: date | None = None
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
    members_already: frozenset[int] = frozenset()  # which persons it brings are members already
    began_on: date | None = None  # the first day on which the register says anything about it

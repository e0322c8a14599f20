"""The algebra of seats: who may be admitted so that every reserved seat stays reachable."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.training.enrolments.models import Enrolment
from services.training.enrolments.schemas import Sex
from services.training.tools.schemas import YouthAge


@dataclass(frozen=True)
class Party:
    """Some learners who come together; `women` and `youth` count among `size`."""

    size: int = 0
    women: int = 0
    youth: int = 0

    def __add__(self, other: "Party") -> "Party":
        return Party(self.size + other.size, self.women + other.women, self.youth + other.youth)


def together(parties: Iterable[Party]) -> Party:
    """All of them as one."""
    return sum(parties, Party())


class Admission(StrEnum):
    """Whether there is a place, and if not why."""

    ADMITTED = "ADMITTED"
    FULL = "FULL"
    TOO_LARGE = "TOO_LARGE"
    RESERVED = "RESERVED"


@dataclass(frozen=True)
class Seats:
    """The seats of a session and who holds them. Staff and observers never count."""

    capacity: int
    reserved_women: int = 0
    reserved_youth: int = 0
    held: Party = Party()

    @property
    def free(self) -> int:
        """Seats that nobody holds."""
        return self.capacity - self.held.size

    @property
    def women_wanted(self) -> int:
        """Seats reserved for women that no woman holds yet."""
        return max(0, self.reserved_women - self.held.women)

    @property
    def youth_wanted(self) -> int:
        """Seats reserved for young people that none of them holds yet."""
        return max(0, self.reserved_youth - self.held.youth)

    @property
    def can_keep_its_promises(self) -> bool:
        """Whether the free seats suffice for what is reserved.

        A young woman serves both reserves, so the larger of the two decides, not their sum.
        """
        return self.free >= max(self.women_wanted, self.youth_wanted)

    def after(self, party: Party) -> "Seats":
        """The seats once `party` holds its own."""
        return Seats(self.capacity, self.reserved_women, self.reserved_youth, self.held + party)

    def admission(self, party: Party) -> Admission:
        """Whether `party` as a whole may have places now."""
        if self.free <= 0:
            return Admission.FULL
        if self.free < party.size:
            return Admission.TOO_LARGE
        if not self.after(party).can_keep_its_promises:
            return Admission.RESERVED
        return Admission.ADMITTED


def settle(seats: Seats, parties: Iterable[Party]) -> list[Admission]:
    """For each party in turn, whether it has a place after those admitted before it."""
    verdicts = []
    for party in parties:
        verdict = seats.admission(party)
        if verdict is Admission.ADMITTED:
            seats = seats.after(party)
        verdicts.append(verdict)
    return verdicts


def party(enrolment: Enrolment, youth: YouthAge, on: date) -> Party:
    """What one learner takes of the seats."""
    is_young = youth.includes(enrolment.birth_year, on)
    return Party(size=1, women=int(enrolment.sex is Sex.F), youth=int(is_young))

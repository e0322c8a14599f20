"""Plans of sessions on the wire."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming
from chassis.fields import Id
from services.training.fields import Code, Instant, PlaceCode, Reason, Sub

Count = Annotated[int, Field(ge=0, le=10_000)]
Seats = Annotated[int, Field(ge=1, le=10_000)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$", max_length=3)]
Venue = Annotated[str, Field(min_length=2, max_length=200)]


class SlotWrite(Incoming):
    """A stretch of teaching."""

    starts_at: Instant
    ends_at: Instant
    module_codes: Annotated[list[Code], Field(min_length=1, max_length=20)]


Slots = Annotated[list[SlotWrite], Field(max_length=100)]
CoTrainers = Annotated[list[Sub], Field(max_length=20)]


class RecordedLate(Incoming):
    """The session was held before anybody entered it here; the reason stays visible for ever."""

    reason: Reason


class TrainingSessionWrite(Incoming):
    """A plan. With `recorded_late` every slot lies in the past, and no window is needed."""

    programme_version_id: Id
    language: Language
    commune_code: PlaceCode
    venue_name: Venue | None = None
    lead_trainer_sub: Sub
    co_trainer_subs: CoTrainers = Field(default_factory=list)
    capacity: Seats
    min_participants: Seats = 1
    reserved_women: Count = 0
    reserved_youth: Count = 0
    waitlist_max: Count = 0
    registration_opens_at: Instant | None = None
    registration_closes_at: Instant | None = None
    recorded_late: RecordedLate | None = None
    slots: Slots = Field(default_factory=list)


class TrainingSessionPatch(Incoming):
    """What changes in a plan: only a draft, or the dates and staff of a postponed session."""

    venue_name: Venue | None = None
    registration_opens_at: Instant | None = None
    registration_closes_at: Instant | None = None
    # these always have a value, so that null is refused; only what was sent is read
    language: Language = Field(default_factory=str)
    lead_trainer_sub: Sub = Field(default_factory=str)
    co_trainer_subs: CoTrainers = Field(default_factory=list)
    slots: Slots = Field(default_factory=list)

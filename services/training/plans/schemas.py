"""Plans of sessions on the wire."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

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


_NEVER_EMPTY = {"language", "lead_trainer_sub", "co_trainer_subs", "slots"}


class TrainingSessionPatch(Incoming):
    """What changes in a plan: only a draft, or the dates and staff of a postponed session."""

    language: Language | None = None
    venue_name: Venue | None = None
    lead_trainer_sub: Sub | None = None
    co_trainer_subs: CoTrainers | None = None
    registration_opens_at: Instant | None = None
    registration_closes_at: Instant | None = None
    slots: Slots | None = None

    @model_validator(mode="after")
    def _null_clears_only_what_may_be_empty(self) -> "TrainingSessionPatch":
        for name in self.model_fields_set & _NEVER_EMPTY:
            if getattr(self, name) is None:
                raise PydanticCustomError("FIELD_INVALID", "may not be null")
        return self

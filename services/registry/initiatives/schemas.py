"""Initiatives on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.bodies import Incoming
from services.registry.fields import Plain, Prose

Name = Annotated[str, Field(min_length=3, max_length=200), Plain]


class InitiativeWrite(Incoming):
    """A group that makes itself known. `organisation_id` defaults to the caller's own."""

    name: Name
    commune_code: Annotated[str, Field(max_length=20)]
    activity: Annotated[str, Field(min_length=3, max_length=500), Prose]
    members_count: Annotated[int, Field(ge=1, le=100_000)]
    women_count: Annotated[int, Field(ge=0, le=100_000)] | None = None
    organisation_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None

    @model_validator(mode="after")
    def _women_are_members(self) -> "InitiativeWrite":
        if self.women_count is not None and self.women_count > self.members_count:
            raise PydanticCustomError("COUNT_EXCEEDS_TOTAL", "more women than members")
        return self


class InitiativeRead(BaseModel):
    """A group on its way to a cooperative."""

    id: UUID
    organisation_id: str
    name: str
    commune_code: str
    activity: str
    members_count: int
    women_count: int | None
    trained_at: datetime | None
    cooperative_id: UUID | None
    created_at: datetime
    version: int

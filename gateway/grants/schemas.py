"""Access grants on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from chassis.fields import Id, Instant
from gateway.grants.states import GrantStatus

_Scope = Annotated[str, Field(min_length=1, max_length=60)]


class GrantWrite(Incoming):
    """What a cooperative lets a client do on its own record, and until when."""

    cooperative_id: Id
    client_id: Annotated[str, Field(min_length=1, max_length=80)]
    scopes: Annotated[list[_Scope], Field(min_length=1, max_length=20)]
    ends_at: Annotated[Instant, Field(description="at most 365 days ahead")]


class GrantRevocationWrite(Incoming):
    """The grant ends now."""


class GrantFilter(BaseModel):
    """Which grants; what is None does not narrow."""

    cooperative_id: UUID | None = None
    client_id: str | None = None


class GrantRead(BaseModel):
    """Who may do what on a cooperative's record, and until when."""

    id: UUID
    organisation_id: str
    cooperative_id: UUID
    cooperative_name: str
    client_id: str
    client_name: str
    scopes: list[str]
    status: GrantStatus
    allowed_actions: list[str]
    granted_by: str
    created_at: datetime
    ends_at: datetime
    revoked_at: datetime | None
    version: int

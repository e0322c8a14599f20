"""Organisations on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.bodies import Incoming
from chassis.fields import Id
from gateway.accounts.models import OrganisationKind, OrganisationStatus
from gateway.texts import PlainName, Reason


class OrganisationWrite(Incoming):
    """A new organisation. `lender_id` says which lender a LENDER is (`GET /v1/lenders`)."""

    kind: OrganisationKind
    name: PlainName
    lender_id: Id | None = None

    @model_validator(mode="after")
    def _a_lender_is_named(self) -> "OrganisationWrite":
        if (self.kind == OrganisationKind.LENDER) != (self.lender_id is not None):
            raise PydanticCustomError("LENDER_ID_EXPECTED", "lender_id goes with LENDER alone")
        return self


class OrganisationPatch(Incoming):
    """What may change: its name. Its kind decides what its persons hold, and stays."""

    name: PlainName


class ActWrite(Incoming):
    """An act of administration, and why."""

    reason: Annotated[Reason, Field(description="kept in the audit trail")] = Reason.OTHER


class OrganisationFilter(BaseModel):
    """Which organisations; what is None does not narrow."""

    id: str | None = None
    kind: OrganisationKind | None = None
    status: OrganisationStatus | None = None


class OrganisationRead(BaseModel):
    """An organisation. Its name is what it calls itself: the register alone says who a cooperative
    is."""

    id: str
    kind: OrganisationKind
    name: str
    status: OrganisationStatus
    lender_id: UUID | None
    allowed_actions: list[str]
    created_at: datetime
    version: int

"""Requests about personal data, on the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from chassis.fields import Day, Id, between
from services.registry.fields import Prose
from services.registry.privacy.models import Channel, RefusalGround, RequestKind
from services.registry.privacy.states import RequestStatus

Text = Annotated[str, Field(min_length=1, max_length=2000), Prose]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[str, Field(min_length=1, max_length=32)]
Born = Annotated[Day, between(date(1900, 1, 1), date(2200, 1, 1))]


class Changes(Incoming):
    """What is to stand in the register instead; only what is wrong is named."""

    family_name: Name | None = None
    given_names: Name | None = None
    birth_date: Born | None = None
    birth_year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    nin: Number | None = None
    phone: Number | None = None


class DataRequestWrite(Incoming):
    """What you ask about your own data; or, for data protection, what a person asked at a desk.
    `changes` goes with a RECTIFICATION alone."""

    kind: RequestKind
    member_id: Id
    statement: Text | None = None
    changes: Changes | None = None


class DataRequestMade(BaseModel):
    """A request; what the person wrote is not repeated in answers that are kept."""

    id: UUID
    kind: RequestKind
    member_id: UUID
    channel: Channel
    status: RequestStatus
    received_at: datetime
    due_on: date
    decided_at: datetime | None
    ground: RefusalGround | None
    allowed_actions: list[str]
    version: int


class DataRequestRead(DataRequestMade):
    """A request whole, for the person and for data protection that sent `Purpose-Of-Use`; without
    it `statement` and `changes` are null and `is_masked` is true."""

    statement: str | None
    changes: Changes | None
    reason: str | None
    is_masked: bool
    is_erased: bool


class DataRequestDecisionWrite(Incoming):
    """What becomes of the request. A refusal names its ground."""

    outcome: Annotated[str, Field(pattern="^(GRANTED|REFUSED)$", max_length=8)]
    ground: RefusalGround | None = None
    reason: Text


class DataRequestWithdrawalWrite(Incoming):
    """Nothing to say."""

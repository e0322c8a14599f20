"""Records of access on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.registry.accesses.models import Capacity, Operation
from services.registry.cooperatives.schemas import MemberRead
from services.registry.purposes import PurposeOfUse


class AccessRead(BaseModel):
    """Somebody read personal fields. `sentence` says it in words; whoever else was seen in the same
    answer is not named."""

    id: UUID
    at: datetime
    capacity: Capacity
    organisation_id: str
    roles: list[str]
    operation: Operation
    purpose: PurposeOfUse | None
    fields: list[str]
    is_whole: bool
    filing_id: UUID | None
    cooperative_id: UUID | None
    sentence: str


class AccessDetail(AccessRead):
    """The same for data protection: also which account read, by which client, in which request."""

    sub: str
    client_id: str
    persons_count: int
    trace_id: str


class OwnRecord(BaseModel):
    """What the register holds about you, in one cooperative."""

    cooperative_id: UUID
    cooperative_name: str
    member: MemberRead

"""Operations on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.registry.operations.states import OperationStatus


class OperationRead(BaseModel):
    """How far long work is. `total` is null while nobody knows; `failure` is a code of
    `/v1/problems`, and the resource says more."""

    id: UUID
    kind: str
    status: OperationStatus
    resource: str
    done: int
    total: int | None
    failure: str | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None

"""Letters, as they are kept and as administrators see them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from gateway.notices.models import NoticeKind, NoticeStatus


class Content(BaseModel):
    """What is sealed of a letter."""

    to: str
    name: str
    username: str
    language: str
    code: str | None = None
    subject: str | None = None  # what it is about: the name of a client


class NoticeFilter(BaseModel):
    """Which letters; what is None does not narrow."""

    account_id: str | None = None
    status: NoticeStatus | None = None


class NoticeRead(BaseModel):
    """A letter: whether it went out, not what it says nor where to."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: NoticeKind
    account_id: str
    status: NoticeStatus
    attempts: int
    last_error: str | None
    created_at: datetime
    due_at: datetime | None
    expires_at: datetime
    settled_at: datetime | None

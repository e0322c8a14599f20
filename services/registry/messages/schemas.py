"""Messages on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from chassis.fields import Id
from services.registry.fields import Prose
from services.registry.messages.models import Side


class MessageWrite(Incoming):
    """A message about a file. `is_internal` is for agents: a note that no filer sees."""

    text: Annotated[str, Field(min_length=1, max_length=4000), Prose]
    is_internal: bool = False


class ReadMarkWrite(Incoming):
    """The last message that you have read."""

    message_id: Id


class MessageSent(BaseModel):
    """A message, kept. The answer is kept too: no free text."""

    id: UUID
    filing_id: UUID
    side: Side
    is_internal: bool
    at: datetime


class MessageRead(BaseModel):
    """A message. Who wrote it is told to their own side; the other reads a side and an office.
    `is_read` says whether somebody of the other side has read it."""

    id: UUID
    side: Side
    is_internal: bool
    is_mine: bool
    author_id: str | None
    text: str
    is_read: bool
    at: datetime


class ReadMarkRead(BaseModel):
    """Up to which message you have read."""

    filing_id: UUID
    message_id: UUID
    unread_count: int

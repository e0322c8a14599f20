"""Answers to remarks on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from services.registry.fields import Prose


class AnswerWrite(Incoming):
    """What a filer says to a remark of the last review, by its number."""

    remark: Annotated[int, Field(ge=1, le=200)]
    message: Annotated[str, Field(min_length=1, max_length=2000), Prose]


class RemarkFollowed(BaseModel):
    """What became of a remark."""

    number: int
    pointer: str
    document_code: str | None
    is_changed: bool
    answer: str | None


class DifferencesRead(BaseModel):
    """What changed since the file was sent back: places only, no values."""

    review_id: UUID | None
    reviewed_at: datetime | None
    pointers: list[str]
    are_all_shown: bool
    remarks: list[RemarkFollowed]

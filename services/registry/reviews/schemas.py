"""Reviews on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from services.registry.fields import Ref, Tag
from services.registry.filings.states import FilingStatus


class ReviewOutcome(StrEnum):
    """What an instructor finds."""

    COMPLETE = "COMPLETE"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"


class Remark(Incoming):
    """What to change, and where."""

    pointer: Annotated[str, Field(max_length=200, pattern=r"^(/[^\x00-\x1f]*)?$")] = ""
    document_id: Ref | None = None
    code: Tag | None = None
    message: Annotated[str, Field(min_length=1, max_length=2000)]


class ReviewWrite(Incoming):
    """An instructor's finding; changes cannot be asked for without saying which."""

    outcome: ReviewOutcome
    remarks: Annotated[tuple[Remark, ...], Field(max_length=200)] = ()


class ReviewMade(BaseModel):
    """A review, recorded, and where the filing now stands. The answer is kept: no free text."""

    id: UUID
    filing_id: UUID
    outcome: ReviewOutcome
    status: FilingStatus
    version: int


class ReviewRead(BaseModel):
    """A review, for the filers and the agents."""

    id: UUID
    filing_id: UUID
    outcome: ReviewOutcome
    remarks: list[Remark]
    at: datetime

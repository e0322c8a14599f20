"""Reviews on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from services.registry.fields import Prose, Ref, Tag
from services.registry.filings.states import FilingStatus


class ReviewOutcome(StrEnum):
    """What an instructor finds."""

    COMPLETE = "COMPLETE"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"


Pointer = Annotated[str, Field(max_length=200, pattern=r"^(/[^\x00-\x1f]*)?$")]
Message = Annotated[str, Field(min_length=1, max_length=2000)]


class Remark(Incoming):
    """What to change, and where: `pointer` leads into the filing (`/payload/members/3/nin`; `-`
    stands for a row that is missing), `rule` and `code` name a rule and a finding of it,
    `document_code` a piece of the dossier."""

    pointer: Pointer = ""
    document_id: Ref | None = None
    document_code: Tag | None = None
    rule: Annotated[str, Field(max_length=20, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")] | None = None
    code: Tag | None = None
    message: Annotated[Message, Prose]


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


class RemarkRead(BaseModel):
    """A remark, with the number by which it is answered."""

    number: int
    pointer: Pointer
    document_id: Ref | None
    document_code: Tag | None = None
    rule: str | None = None
    code: Tag | None
    message: Message


class RemarkAnswered(BaseModel):
    """What a filer said to a remark."""

    remark: int
    message: str
    at: datetime


class ReviewRead(BaseModel):
    """A review, for the filers and the agents."""

    id: UUID
    filing_id: UUID
    outcome: ReviewOutcome
    remarks: list[RemarkRead]
    answers: list[RemarkAnswered] = []
    at: datetime

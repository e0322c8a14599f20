"""Messages between the filers and the agents of a file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import NotFound, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.tools import Sealing
from services.registry.filings.routes import FilingInView
from services.registry.messages import service
from services.registry.messages.errors import NotYetSubmitted, TooManyMessages
from services.registry.messages.schemas import (
    MessageRead,
    MessageSent,
    MessageWrite,
    ReadMarkRead,
    ReadMarkWrite,
)
from services.registry.scopes import Reader

router = APIRouter(prefix="/v1", tags=["messages"])


@router.get("/filings/{id}/messages", responses=problems(NotFound))
async def list_messages(
    session: Session,
    caller: Reader,
    filing: FilingInView,
    window: List,
    vault: Sealing,
    response: Response,
) -> Page[MessageRead]:
    """What was written about a filing, oldest first. Filers see no internal note and no agent's
    name; agents see no filer's."""
    after = UUID(window.after[0]) if window.after else None
    rows = await service.shown(session, filing, (after, window.limit), vault, caller=caller)
    response.headers["Cache-Control"] = "private, no-store"
    return Page(**window.page(rows, lambda row: [str(row.id)], response))


@router.post(
    "/filings/{id}/messages",
    status_code=201,
    response_model=MessageSent,
    responses=problems(NotFound, NotYetSubmitted, TooManyMessages, ValidationFailed),
)
async def send_message(
    session: Session,
    by: Reader,
    filing: FilingInView,
    act: Act,
    said: Annotated[MessageWrite, Json(MessageWrite)],
    vault: Sealing,
) -> Response:
    """Write to the other side of a filing that has arrived, or (agents) leave an internal note."""
    sent = await service.send(session, filing.id, said, vault, by=by)
    made = MessageSent.model_validate(sent, from_attributes=True)
    return await act.answer(201, made, headers={"Location": f"/v1/filings/{filing.id}/messages"})


@router.post(
    "/filings/{id}/read-marks",
    status_code=201,
    response_model=ReadMarkRead,
    responses=problems(NotFound, ValidationFailed),
)
async def mark_messages_read(
    session: Session,
    by: Reader,
    filing: FilingInView,
    act: Act,
    said: Annotated[ReadMarkWrite, Json(ReadMarkWrite)],
) -> Response:
    """Say up to which message you have read; the other side sees that somebody did."""
    marked = await service.mark(session, filing, said.message_id, by=by)
    return await act.answer(201, marked, headers={"Location": f"/v1/filings/{filing.id}/messages"})

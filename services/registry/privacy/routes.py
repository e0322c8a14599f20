"""Requests of persons about their own data."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, PreconditionFailed, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.tools import Sealing
from chassis.versions import IfMatch, IfMatchIfSent, etag, expect
from services.registry.filings.errors import FourEyes
from services.registry.privacy import service
from services.registry.privacy.models import DataRequest
from services.registry.privacy.repository import DataRequests
from services.registry.privacy.schemas import (
    DataRequestDecisionWrite,
    DataRequestMade,
    DataRequestRead,
    DataRequestWithdrawalWrite,
    DataRequestWrite,
)
from services.registry.privacy.states import RequestStatus
from services.registry.purposes import Purpose
from services.registry.scopes import Anybody, Protector

router = APIRouter(prefix="/v1", tags=["personal data"])


async def _in_view(session: Session, caller: Anybody, id: PathId) -> DataRequest:
    return await DataRequests(session).one_in_view(id, caller)


async def _own(session: Session, caller: Anybody, id: PathId) -> DataRequest:
    return await DataRequests(session).own(id, caller)


async def _to_decide(session: Session, caller: Protector, id: PathId) -> DataRequest:
    return await DataRequests(session).one_to_decide(id, caller)


def _made(request: DataRequest) -> DataRequestMade:
    return DataRequestMade.model_validate(service.shown(request))


@router.post(
    "/data-requests",
    status_code=201,
    response_model=DataRequestMade,
    responses=problems(ValidationFailed),
)
async def make_data_request(
    session: Session,
    by: Anybody,
    act: Act,
    said: Annotated[DataRequestWrite, Json(DataRequestWrite)],
    vault: Sealing,
) -> Response:
    """Ask for access to your data, its correction or its erasure, or object to its use. Your
    account must be tied to the member (`POST /v1/me/member-links`); data protection may write
    down what a person of its territory asked at a desk."""
    request = await service.ask(session, said, by=by, vault=vault)
    headers = {"Location": f"/v1/data-requests/{request.id}", "ETag": etag(request.version)}
    return await act.answer(201, _made(request), headers=headers)


@router.get("/data-requests")
async def list_data_requests(
    session: Session,
    caller: Anybody,
    window: List,
    response: Response,
    status: Annotated[RequestStatus | None, Query()] = None,
) -> Page[DataRequestMade]:
    """Your own requests; for data protection, those of its territory too. One that was written down
    at a desk is nobody's own."""
    after = UUID(window.after[0]) if window.after else None
    requests = DataRequests(session)
    rows = await requests.in_view(caller, after=after, limit=window.limit, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    page = window.page(rows, lambda row: [str(row.id)], response)
    return Page(**{**page, "items": [_made(row) for row in page["items"]]})


@router.get("/data-requests/{id}", responses=problems(NotFound))
async def read_data_request(
    session: Session,
    caller: Anybody,
    request: Annotated[DataRequest, Depends(_in_view)],
    purpose: Purpose,
    vault: Sealing,
    response: Response,
) -> DataRequestRead:
    """A request with what the person wrote, for themselves, and for data protection that says why
    in `Purpose-Of-Use`; the reading is recorded."""
    response.headers["ETag"] = etag(request.version)
    response.headers["Cache-Control"] = "private, no-store"
    return await service.read(session, request, by=caller, purpose=purpose, vault=vault)


@router.post(
    "/data-requests/{id}/decisions",
    status_code=201,
    response_model=DataRequestMade,
    responses=problems(NotFound, IllegalTransition, FourEyes, PreconditionFailed, ValidationFailed),
)
async def decide_data_request(
    session: Session,
    by: Protector,
    request: Annotated[DataRequest, Depends(_to_decide)],
    act: Act,
    said: Annotated[DataRequestDecisionWrite, Json(DataRequestDecisionWrite)],
    version: IfMatch,
    vault: Sealing,
) -> Response:
    """Grant a request, and the correction or erasure is done with it; or refuse it with a ground in
    law. A current member is not erased (AUSCOOP art. 8-9), nor a published officer (art. 70)."""
    decided = await service.decide(session, request, said, version=version, by=by, vault=vault)
    headers = {"Location": f"/v1/data-requests/{decided.id}", "ETag": etag(decided.version)}
    return await act.answer(201, _made(decided), headers=headers)


@router.post(
    "/data-requests/{id}/withdrawals",
    status_code=201,
    response_model=DataRequestMade,
    responses=problems(NotFound, IllegalTransition, PreconditionFailed, ValidationFailed),
)
async def withdraw_data_request(
    session: Session,
    _: Anybody,
    request: Annotated[DataRequest, Depends(_own)],
    act: Act,
    __: Annotated[DataRequestWithdrawalWrite, Json(DataRequestWithdrawalWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Take your request back before it is decided; data protection takes back what it wrote down
    itself, for as long as it protects that territory."""
    expect(version, request.version)
    changed = await service.withdraw(session, request)
    headers = {"Location": f"/v1/data-requests/{changed.id}", "ETag": etag(changed.version)}
    return await act.answer(201, _made(changed), headers=headers)

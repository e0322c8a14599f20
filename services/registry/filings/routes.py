"""Filings: the only way to change the register."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.answers import describe
from chassis.bodies import Json
from chassis.catalogue import Catalogue, Language
from chassis.db import Session
from chassis.errors import (
    Finding,
    IllegalTransition,
    NotFound,
    PreconditionFailed,
    ValidationFailed,
)
from chassis.idempotency import Act, ActUnlessDry
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.patches import Patch
from chassis.plain import PlainRoute
from chassis.tools import Sealing, Sentences, Spoken
from chassis.versions import IfMatchIfSent, IfMatchInTurn, etag
from services.registry.accesses import dossiers
from services.registry.filings import service
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.filings.schemas import (
    FilingPatch,
    FilingRead,
    FilingSubmissionWrite,
    FilingSummary,
    FilingWrite,
    Verdict,
    WithdrawalWrite,
)
from services.registry.filings.states import LIFE, FilingStatus
from services.registry.persons import service as persons
from services.registry.purposes import Purpose
from services.registry.scopes import Drafter, Reader

router = APIRouter(prefix="/v1", tags=["filings"], route_class=PlainRoute)


async def _in_view(session: Session, caller: Reader, id: PathId) -> Filing:
    return await Filings(session).one_in_view(id, caller)


async def _at_work(session: Session, caller: Reader, id: PathId) -> Filing:
    return await Filings(session).one_at_work(id, caller)


async def _own(session: Session, caller: Drafter, id: PathId) -> Filing:
    filing = await Filings(session).one_filed_by(id, caller)
    service.refuse_other_hands(filing, caller)
    return filing


async def _make_room(request: Request) -> None:
    # five thousand members, each with every field, take some 240 bytes a member
    request.scope["max_body_bytes"] = 4 * 1_048_576


FilingInView = Annotated[Filing, Depends(_in_view)]
FilingAtWork = Annotated[Filing, Depends(_at_work)]
OwnFiling = Annotated[Filing, Depends(_own)]
LARGE = [Depends(_make_room)]


def _read(filing: Filing, payload: dict[str, Any], warnings: list[Any] | None = None) -> FilingRead:
    fields = filing.model_dump(exclude={"payload", "path", "created_by", "filers"})
    return FilingRead(
        **fields,
        payload=payload,
        allowed_actions=[action.value for action in LIFE.allowed(filing.status)],
        warnings=warnings or [],
    )


def _kept(filing: Filing, warnings: list[Any] | None = None) -> FilingRead:
    # answers to keyed writes are stored for replays, sealed: a reason or a note may speak of
    # somebody, and the persons whose keys can be deleted are not in it at all
    read = _read(filing, persons.blank(filing.payload), warnings)
    return read.model_copy(update={"withdrawal_reason": None})


def _verdict(found: list[Finding], catalogue: Catalogue, language: Language) -> Response:
    verdict = Verdict(
        is_valid=not any(finding.severity == "BLOCK" for finding in found),
        findings=describe(catalogue, language, found),
    )
    return Response(verdict.model_dump_json(), media_type="application/json")


@router.post(
    "/filings",
    status_code=201,
    response_model=FilingRead,
    responses={200: {"model": Verdict}, **problems(ValidationFailed)},
    dependencies=LARGE,
)
async def draft_filing(
    session: Session,
    by: Drafter,
    act: ActUnlessDry,
    wish: Annotated[FilingWrite, Json(FilingWrite)],
    vault: Sealing,
    catalogue: Sentences,
    language: Spoken,
) -> Response:
    """Begin a filing; it may be partial. `?validate_only=true` names every broken rule instead."""
    if act is None:
        found = await service.check_wish(session, wish, by=by, vault=vault)
        return _verdict(found, catalogue, language)
    filing = await service.draft(session, wish, by=by, vault=vault)
    headers = {"Location": f"/v1/filings/{filing.id}", "ETag": etag(filing.version)}
    return await act.answer(201, _kept(filing), headers=headers, vault=vault)


@router.get("/filings")
async def list_filings(
    session: Session,
    caller: Reader,
    window: List,
    response: Response,
    status: Annotated[FilingStatus | None, Query()] = None,
) -> Page[FilingSummary]:
    """Your filings, those of cooperatives that granted you `filings:write`, and those submitted in
    your territory if you are an agent."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Filings(session).in_view(caller, after=after, limit=window.limit, status=status)
    page = window.page(rows, lambda row: [str(row.id)], response)
    items = [
        FilingSummary(**row.model_dump(), name=row.payload.get("name")) for row in page["items"]
    ]
    return Page(**{**page, "items": items})


@router.get("/filings/{id}", responses=problems(NotFound))
async def read_filing(
    session: Session,
    caller: Reader,
    filing: FilingInView,
    purpose: Purpose,
    vault: Sealing,
    response: Response,
) -> FilingRead:
    """One filing; personal fields are whole for its filers, and for agents who say why in
    `Purpose-Of-Use`. Every reading is recorded for the persons."""
    response.headers["ETag"] = etag(filing.version)
    response.headers["Cache-Control"] = "private, no-store"
    payload = await dossiers.filing_for(session, filing, caller, purpose=purpose, vault=vault)
    read = _read(filing, payload)
    if filing.status == FilingStatus.REJECTED:  # nothing else is taken up again
        read.taken_up_by = list(await Filings(session).taking_up(filing.id, caller))
    return read


@router.patch(
    "/filings/{id}",
    responses=problems(NotFound, IllegalTransition, ValidationFailed, PreconditionFailed),
    dependencies=LARGE,
)
async def edit_filing(
    session: Session,
    by: Drafter,
    filing: OwnFiling,
    patch: Annotated[dict[str, Any], Patch(FilingPatch)],
    version: IfMatchInTurn,
    vault: Sealing,
    response: Response,
) -> FilingRead:
    """Change a draft, or a file that came back: JSON merge patch (RFC 7396)."""
    changed = await service.edit(session, filing.id, patch, version=version, by=by, vault=vault)
    response.headers["ETag"] = etag(changed.version)
    payload = await dossiers.filing_for(
        session, changed, by, purpose=None, vault=vault, is_echo=True
    )
    return _read(changed, payload)


@router.post(
    "/filings/{id}/submissions",
    status_code=201,
    response_model=FilingRead,
    responses={
        200: {"model": Verdict},
        **problems(NotFound, IllegalTransition, ValidationFailed, PreconditionFailed),
    },
)
async def submit_filing(
    session: Session,
    by: Drafter,
    filing: OwnFiling,
    act: ActUnlessDry,
    said: Annotated[FilingSubmissionWrite, Json(FilingSubmissionWrite)],
    version: IfMatchIfSent,
    vault: Sealing,
    catalogue: Sentences,
    language: Spoken,
) -> Response:
    """File it: it takes its number in the arrival register. `?validate_only=true` only checks."""
    if act is None:
        found = await service.check_only(session, filing, vault, by=by, answers=said.answers)
        return _verdict(found, catalogue, language)
    filed, warnings = await service.submit(
        session, filing.id, version=version, by=by, vault=vault, answers=said.answers
    )
    read = _kept(filed, describe(catalogue, language, warnings))
    headers = {"Location": f"/v1/filings/{filed.id}", "ETag": etag(filed.version)}
    return await act.answer(201, read, headers=headers, vault=vault)


@router.post(
    "/filings/{id}/withdrawals",
    status_code=201,
    response_model=FilingRead,
    responses=problems(NotFound, IllegalTransition, PreconditionFailed),
)
async def withdraw_filing(
    session: Session,
    by: Drafter,
    filing: OwnFiling,
    act: Act,
    said: Annotated[WithdrawalWrite, Json(WithdrawalWrite)],
    version: IfMatchIfSent,
    vault: Sealing,
) -> Response:
    """Take a filing back before it is under review."""
    changed = await service.withdraw(session, filing.id, said, version=version, by=by, vault=vault)
    headers = {"Location": f"/v1/filings/{changed.id}", "ETag": etag(changed.version)}
    return await act.answer(201, _kept(changed), headers=headers, vault=vault)

"""Imports: existing lists on their way into the register."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from chassis.answers import describe
from chassis.bodies import Json
from chassis.catalogue import Catalogue, Language
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, PreconditionFailed, ValidationFailed
from chassis.idempotency import Act, IdempotencyKey, Once
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.patches import Patch
from chassis.tools import HotReads, Sealing, Sentences, Spoken
from chassis.uploads import Upload, Uploaded, act_of
from chassis.versions import IfMatch, IfMatchInTurn, etag
from services.registry.filings.errors import FourEyes
from services.registry.imports import repository, service
from services.registry.imports.models import Import
from services.registry.imports.reports import as_csv, columns_by_field, told
from services.registry.imports.repository import Imports
from services.registry.imports.schemas import (
    CSV,
    XLSX,
    Encoding,
    ImportDecisionWrite,
    ImportPatch,
    ImportRead,
    ImportRowRead,
    ImportSummary,
)
from services.registry.imports.service import Wish
from services.registry.imports.states import ImportMode, ImportStatus, RowOutcome
from services.registry.scopes import Agent, Validator

router = APIRouter(prefix="/v1", tags=["imports"])
MOST_BYTES = 33_554_432
_SOURCE = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
File = Annotated[Upload, Uploaded((CSV, XLSX), most_bytes=MOST_BYTES)]


async def _act(
    request: Request, session: Session, file: File, key: IdempotencyKey
) -> tuple[Once, Upload]:
    return await act_of(request, session, key, file), file


async def _in_view(session: Session, caller: Agent, id: PathId) -> Import:
    return await Imports(session).one_in_view(id, caller)


FileAct = Annotated[tuple[Once, Upload], Depends(_act)]
ImportInView = Annotated[Import, Depends(_in_view)]


def _read(found: Import, catalogue: Catalogue, language: Language) -> ImportRead:
    shown = found.model_dump(include={*ImportRead.model_fields} - {"findings", "allowed_actions"})
    about = [service.as_finding(one) for one in found.findings]
    return ImportRead(
        **shown,
        findings=describe(catalogue, language, about),
        allowed_actions=[action.value for action in service.allowed(found)],
    )


@router.post(
    "/imports",
    status_code=202,
    response_model=ImportRead,
    responses=problems(ValidationFailed),
)
async def upload_import(
    session: Session,
    by: Agent,
    sent: FileAct,
    vault: Sealing,
    catalogue: Sentences,
    language: Spoken,
    mode: Annotated[ImportMode, Query(description="when some rows cannot enter")] = (
        ImportMode.PARTIAL
    ),
    validate_only: Annotated[
        bool, Query(description="check and report; it can never be applied")
    ] = False,
    source: Annotated[
        str, Query(max_length=40, pattern=_SOURCE, description="whose list: rows are known by it")
    ] = "list",
    encoding: Annotated[Encoding | None, Query(description="of a CSV; found out if absent")] = None,
    separator: Annotated[
        str | None, Query(max_length=1, pattern=r"^[,;|\t]$", description="of a CSV; found out")
    ] = None,
) -> Response:
    """Bring in a list of existing organisations, CSV or XLSX: it is read in the background, and
    every row is reported on. Nothing enters the register before somebody else decides."""
    act, file = sent
    wish = Wish(
        **vars(file),
        mode=mode,
        validate_only=validate_only,
        source=source,
        encoding=encoding,
        separator=separator,
    )
    found = await service.receive(session, wish, by=by, vault=vault)
    headers = {"Location": f"/v1/operations/{found.operation_id}", "ETag": etag(1)}
    # a list without titles shows its first row as titles, which may name somebody: kept sealed
    read = _read(found, catalogue, language)
    return await act.answer(202, read, headers=headers, vault=vault)


@router.get("/imports")
async def list_imports(
    session: Session,
    caller: Agent,
    window: List,
    response: Response,
    status: Annotated[ImportStatus | None, Query()] = None,
) -> Page[ImportSummary]:
    """The imports that you or agents of your territory uploaded."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Imports(session).in_view(caller, after=after, limit=window.limit, status=status)
    page = window.page(rows, lambda row: [str(row.id)], response)
    return Page(**{**page, "items": [ImportSummary(**row.model_dump()) for row in page["items"]]})


@router.get("/imports/{id}", responses=problems(NotFound))
async def read_import(
    _: Agent, found: ImportInView, catalogue: Sentences, language: Spoken, response: Response
) -> ImportRead:
    """How a file was understood, column by column, and how many of its rows are sound."""
    response.headers["ETag"] = etag(found.version)
    response.headers["Cache-Control"] = "private, no-store"
    return _read(found, catalogue, language)


@router.patch(
    "/imports/{id}",
    responses=problems(NotFound, IllegalTransition, ValidationFailed, PreconditionFailed),
)
async def remap_import(
    session: Session,
    by: Agent,
    found: ImportInView,
    patch: Annotated[dict[str, Any], Patch(ImportPatch)],
    version: IfMatchInTurn,
    catalogue: Sentences,
    language: Spoken,
    response: Response,
) -> ImportRead:
    """Correct what the columns mean, or the mode: the file is read anew."""
    changed = await service.remap(session, found.id, patch, version=version, by=by)
    response.headers["ETag"] = etag(changed.version)
    return _read(changed, catalogue, language)


@router.get("/imports/{id}/rows", responses=problems(NotFound))
async def list_import_rows(
    reads: HotReads,
    _: Agent,
    found: ImportInView,
    window: List,
    catalogue: Sentences,
    language: Spoken,
    response: Response,
    outcome: Annotated[RowOutcome | None, Query()] = None,
) -> Page[ImportRowRead]:
    """Row after row in the order of the file: what was found, in which column, what it became."""
    after = int(window.after[0]) if window.after else 0
    rows = await repository.rows(reads, found.id, after, window.limit + 1, outcome)
    response.headers["Cache-Control"] = "private, no-store"
    page = window.page(rows, lambda row: [row["number"]], response)
    titles = columns_by_field(found.columns)
    items = [
        ImportRowRead(**{**row, "findings": told(catalogue, language, row, titles)})
        for row in page["items"]
    ]
    return Page(**{**page, "items": items})


@router.get(
    "/imports/{id}/report",
    response_class=Response,
    responses={
        200: {"content": {CSV: {"schema": {"type": "string"}}}, "description": "The report"},
        **problems(NotFound),
    },
)
async def read_import_report(
    reads: HotReads, _: Agent, found: ImportInView, catalogue: Sentences, language: Spoken
) -> Response:
    """The same as a CSV for spreadsheets (semicolons, UTF-8 with a byte order mark): one line for
    each finding. Cells that would begin a formula are made inert with an apostrophe."""
    lines = as_csv(reads, found.id, columns_by_field(found.columns), catalogue, language)
    headers = {
        "Content-Disposition": f'attachment; filename="import-{found.id}.csv"',
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(lines, media_type=f"{CSV}; charset=utf-8", headers=headers)


@router.post(
    "/imports/{id}/decisions",
    status_code=201,
    response_model=ImportRead,
    responses=problems(NotFound, IllegalTransition, FourEyes, PreconditionFailed, ValidationFailed),
)
async def decide_import(
    session: Session,
    by: Validator,
    found: ImportInView,
    act: Act,
    said: Annotated[ImportDecisionWrite, Json(ImportDecisionWrite)],
    version: IfMatch,
    vault: Sealing,
    catalogue: Sentences,
    language: Spoken,
) -> Response:
    """Let the sound rows enter the register, or reject the file: by somebody else than who
    uploaded it or said how it is to be read."""
    decided = await service.decide(session, found.id, said, version=version, by=by)
    headers = {"Location": f"/v1/imports/{decided.id}", "ETag": etag(decided.version)}
    read = _read(decided, catalogue, language)
    return await act.answer(201, read, headers=headers, vault=vault)

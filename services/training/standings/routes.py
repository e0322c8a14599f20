"""What becomes of a certificate: suspended, reinstated, revoked by two persons."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, ValidationFailed
from chassis.idempotency import Act, Once
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import IfMatch, etag
from services.training.certificates.errors import RevocationIrreversible
from services.training.certificates.models import TrainingCertificate
from services.training.certificates.repository import Revocations
from services.training.certificates.schemas import TrainingCertificateRead
from services.training.fields import Reasoned
from services.training.scopes import Steward
from services.training.sessions.errors import FourEyes
from services.training.standings import service
from services.training.standings.schemas import (
    RevocationApprovalWrite,
    RevocationRead,
    RevocationWrite,
    SuspensionWrite,
)

router = APIRouter(prefix="/v1", tags=["training certificates"])


async def _managed(session: Session, by: Steward, id: PathId) -> TrainingCertificate:
    return await service.managed_certificate(session, id, by)


Managed = Annotated[TrainingCertificate, Depends(_managed)]
REFUSALS = (NotFound, IllegalTransition, RevocationIrreversible)


@router.post(
    "/training-certificates/{id}/suspensions",
    status_code=201,
    response_model=TrainingCertificateRead,
    responses=problems(*REFUSALS),
)
async def suspend_certificate(
    session: Session,
    by: Steward,
    thing: Managed,
    act: Act,
    wish: Annotated[SuspensionWrite, Json(SuspensionWrite)],
    version: IfMatch,
) -> Response:
    """Say that for now nobody may rely on the certificate; the reason's code is public."""
    moved = await service.suspend(session, thing.id, wish, version=version, by=by)
    return await _answer(act, moved)


@router.post(
    "/training-certificates/{id}/reinstatements",
    status_code=201,
    response_model=TrainingCertificateRead,
    responses=problems(*REFUSALS),
)
async def reinstate_certificate(
    session: Session,
    by: Steward,
    thing: Managed,
    act: Act,
    why: Annotated[Reasoned, Json(Reasoned)],
    version: IfMatch,
) -> Response:
    """Lift a suspension."""
    moved = await service.reinstate(session, thing.id, version=version, note=why.reason, by=by)
    return await _answer(act, moved)


@router.post(
    "/training-certificates/{id}/revocations",
    status_code=201,
    response_model=RevocationRead,
    responses=problems(*REFUSALS),
)
async def propose_revocation(
    session: Session,
    by: Steward,
    thing: Managed,
    act: Act,
    wish: Annotated[RevocationWrite, Json(RevocationWrite)],
    version: IfMatch,
) -> Response:
    """Propose to revoke, with a reason; a second person must approve before anything changes."""
    made = await service.propose_revocation(session, thing.id, wish, version=version, by=by)
    return await act.answer(201, RevocationRead.model_validate(made, from_attributes=True))


@router.get("/training-certificates/{id}/revocations", responses=problems(NotFound))
async def list_revocations(
    session: Session, _: Steward, thing: Managed, window: List, response: Response
) -> Page[RevocationRead]:
    """The proposals to revoke a certificate, and who approved which."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Revocations(session).of_certificate(thing.id, after, window.limit)
    reads = [RevocationRead.model_validate(row, from_attributes=True) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.post(
    "/training-certificates/{id}/revocation-approvals",
    status_code=201,
    response_model=TrainingCertificateRead,
    responses=problems(*REFUSALS, FourEyes, ValidationFailed),
)
async def approve_revocation(
    session: Session,
    by: Steward,
    thing: Managed,
    act: Act,
    wish: Annotated[RevocationApprovalWrite, Json(RevocationApprovalWrite)],
    version: IfMatch,
) -> Response:
    """Revoke for ever, as the second of two persons."""
    moved = await service.approve_revocation(
        session, thing.id, wish.revocation_id, version=version, by=by
    )
    return await _answer(act, moved)


async def _answer(act: Once, moved: TrainingCertificate) -> Response:
    headers = {"Location": f"/v1/training-certificates/{moved.id}", "ETag": etag(moved.version)}
    return await act.answer(201, TrainingCertificateRead.model_validate(moved), headers=headers)

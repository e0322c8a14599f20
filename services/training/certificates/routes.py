"""Training certificates: issued for what a group achieved, as Open Badges 3.0 credentials."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import NotFound, ValidationFailed
from chassis.fields import Id
from chassis.idempotency import Act
from chassis.jose import Signer
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import etag
from services.training.certificates import service
from services.training.certificates.errors import CertificateExists, NotEligibleForCertificate
from services.training.certificates.models import TrainingCertificate
from services.training.certificates.repository import Certificates
from services.training.certificates.schemas import (
    TrainingCertificateRead,
    TrainingCertificateWrite,
)
from services.training.scopes import Reader, Steward

router = APIRouter(prefix="/v1", tags=["training certificates"])


async def _badge_signer(request: Request) -> Signer:
    # A verifier of badges follows `kid` to a bare JWK, so the key signs under its address.
    key, base = request.app.state.keys.current, request.app.state.settings.public_base
    return Signer({**key, "kid": f"{base}/signing-keys/{key['kid']}"})


async def _public_url(request: Request) -> str:
    return str(request.app.state.settings.public_url)


@router.post(
    "/training-certificates",
    status_code=201,
    response_model=TrainingCertificateRead,
    responses=problems(NotFound, NotEligibleForCertificate, CertificateExists, ValidationFailed),
)
async def issue_training_certificate(
    session: Session,
    by: Steward,
    signer: Annotated[Signer, Depends(_badge_signer)],
    public_url: Annotated[str, Depends(_public_url)],
    act: Act,
    wish: Annotated[TrainingCertificateWrite, Json(TrainingCertificateWrite)],
) -> Response:
    """Certify what a group achieved, once the results of its session are validated."""
    made = await service.issue(session, wish, signer=signer, public_url=public_url, by=by)
    headers = {"Location": f"/v1/training-certificates/{made.id}", "ETag": etag(made.version)}
    return await act.answer(201, TrainingCertificateRead.model_validate(made), headers=headers)


@router.get("/training-certificates")
async def list_training_certificates(
    session: Session,
    caller: Reader,
    window: List,
    response: Response,
    cooperative_id: Annotated[Id | None, Query()] = None,
) -> Page[TrainingCertificateRead]:
    """The certificates of your groups, of groups that granted you a look, of your sessions or of
    your territory; newest first."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Certificates(session).in_view(
        caller, cooperative_id=cooperative_id, after=after, limit=window.limit
    )
    reads = [TrainingCertificateRead.model_validate(row) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


async def _certificate(session: Session, caller: Reader, id: PathId) -> TrainingCertificate:
    return await Certificates(session).one_in_view(id, caller)


Seen = Annotated[TrainingCertificate, Depends(_certificate)]


@router.get("/training-certificates/{id}", responses=problems(NotFound))
async def read_training_certificate(thing: Seen, response: Response) -> TrainingCertificateRead:
    """One certificate and how it stands."""
    response.headers["ETag"] = etag(thing.version)
    return TrainingCertificateRead.model_validate(thing)


@router.get(
    "/training-certificates/{id}/credential",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **problems(NotFound)},
)
async def read_credential(session: Session, thing: Seen) -> Response:
    """The credential as signed on the day of issue: a compact JWT that anybody can verify."""
    credential = await Certificates(session).credential(thing.id)
    return Response(credential.jwt, media_type="text/plain")

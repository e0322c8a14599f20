"""Decisions on filings."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, PreconditionFailed, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.tools import PublicBase, Sealing, Signing
from chassis.versions import IfMatch, etag
from services.registry.decisions import service
from services.registry.decisions.service import Instruments, Outcome
from services.registry.filings.errors import FourEyes
from services.registry.filings.routes import FilingInView
from services.registry.filings.schemas import DecisionRead, DecisionWrite
from services.registry.scopes import Validator

router = APIRouter(prefix="/v1", tags=["filings"])


async def _instruments(vault: Sealing, signer: Signing, public_base: PublicBase) -> Instruments:
    return Instruments(vault, signer, public_base)


@router.post(
    "/filings/{id}/decisions",
    status_code=201,
    response_model=DecisionRead,
    responses=problems(NotFound, IllegalTransition, FourEyes, PreconditionFailed, ValidationFailed),
)
async def decide_filing(
    session: Session,
    by: Validator,
    filing: FilingInView,
    act: Act,
    said: Annotated[DecisionWrite, Json(DecisionWrite)],
    version: IfMatch,
    using: Annotated[Instruments, Depends(_instruments)],
) -> Response:
    """Approve or reject a reviewed filing; an approval enters the cooperative in the register."""
    outcome = await service.decide(session, filing.id, said, version=version, by=by, using=using)
    headers = {"Location": f"/v1/filings/{filing.id}", "ETag": etag(outcome.filing.version)}
    return await act.answer(201, _read(outcome), headers=headers)


def _read(outcome: Outcome) -> DecisionRead:
    cooperative, certificate = outcome.cooperative, outcome.certificate
    return DecisionRead(
        **outcome.decision.model_dump(include={"id", "filing_id", "reason_code", "reason"}),
        outcome=outcome.decision.outcome,
        status=outcome.filing.status,
        version=outcome.filing.version,
        cooperative_id=cooperative.id if cooperative else None,
        registration_number=cooperative.registration_number if cooperative else None,
        verification_code=certificate.verification_code if certificate else None,
    )

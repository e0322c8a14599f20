"""Decisions on filings."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, PreconditionFailed, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.tools import PublicBase, Sealing, Signing
from chassis.versions import IfMatch, etag
from services.registry.cooperatives.models import Certificate, Cooperative
from services.registry.decisions import repository, service
from services.registry.decisions.models import Decision
from services.registry.decisions.rules import appeal
from services.registry.decisions.schemas import (
    DecisionMade,
    DecisionOutcome,
    DecisionRead,
    DecisionWrite,
)
from services.registry.decisions.service import Instruments
from services.registry.filings.errors import FourEyes
from services.registry.filings.routes import FilingAtWork, FilingInView
from services.registry.scopes import Reader, Validator

router = APIRouter(prefix="/v1", tags=["filings"])


async def _instruments(vault: Sealing, signer: Signing, public_base: PublicBase) -> Instruments:
    return Instruments(vault, signer, public_base)


@router.post(
    "/filings/{id}/decisions",
    status_code=201,
    response_model=DecisionMade,
    responses=problems(NotFound, IllegalTransition, FourEyes, PreconditionFailed, ValidationFailed),
)
async def decide_filing(
    session: Session,
    by: Validator,
    filing: FilingAtWork,
    act: Act,
    said: Annotated[DecisionWrite, Json(DecisionWrite)],
    version: IfMatch,
    using: Annotated[Instruments, Depends(_instruments)],
) -> Response:
    """Approve or reject a reviewed filing; an approval enters the cooperative in the register."""
    outcome = await service.decide(session, filing.id, said, version=version, by=by, using=using)
    decided = outcome.filing
    made = DecisionMade(
        **_shown(outcome.decision, outcome.cooperative, outcome.certificate),
        status=decided.status,
        version=decided.version,
    )
    headers = {"Location": f"/v1/filings/{decided.id}", "ETag": etag(decided.version)}
    return await act.answer(201, made, headers=headers)


@router.get("/filings/{id}/decisions", responses=problems(NotFound))
async def list_filing_decisions(
    session: Session, _: Reader, filing: FilingInView, window: List, response: Response
) -> Page[DecisionRead]:
    """The decision on a filing, once there is one: its reason, and what it brought into being."""
    found = await repository.of_filing(session, filing.id)
    response.headers["Cache-Control"] = "private, no-store"
    items = (
        [DecisionRead(**_shown(*found), reason=found[0].reason, at=found[0].at)] if found else []
    )
    return Page(**window.page(items, lambda item: [str(item.id)], response))


def _shown(
    decision: Decision, cooperative: Cooperative | None, certificate: Certificate | None
) -> dict[str, Any]:
    is_rejection = decision.outcome == DecisionOutcome.REJECTED
    return {
        **decision.model_dump(include={"id", "filing_id", "outcome", "reason_code", "law_ref"}),
        "appeal": appeal(decision.appeal_days) if is_rejection else None,
        "cooperative_id": cooperative.id if cooperative else None,
        "registration_number": cooperative.registration_number if cooperative else None,
        "verification_code": certificate.verification_code if certificate else None,
    }

"""Proofs that anyone may check, without a token."""

from fastapi import APIRouter, Request

from chassis.auth import Visitor
from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.tools import PublicBase
from services.training.proofs import service
from services.training.proofs.schemas import SigningKey, TrainingVerification

router = APIRouter(prefix="/v1", tags=["proofs"])


@router.get("/verifications/{code}", responses=problems(NotFound))
async def verify_training_certificate(
    session: Session, _: Visitor, code: str, base: PublicBase
) -> TrainingVerification:
    """What the certificate behind a code attests, and whether it still holds."""
    return await service.verify(session, code, base)


@router.get("/signing-keys/{kid}", responses=problems(NotFound))
async def read_training_signing_key(request: Request, _: Visitor, kid: str) -> SigningKey:
    """A public key of this service's proofs, as a bare JWK."""
    return service.find_key(request.app.state.keys.public(), kid)

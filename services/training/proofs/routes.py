"""Proofs that anyone may check, without a token."""

from fastapi import APIRouter

from chassis.auth import Visitor
from chassis.db import Session
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.parameters import PathCode
from chassis.tools import PublicBase
from services.training.proofs import service
from services.training.proofs.schemas import TrainingVerification

router = APIRouter(prefix="/v1", tags=["proofs"])


@router.get("/verifications/{code}", responses=problems(NotFound))
async def verify_training_certificate(
    session: Session, _: Visitor, code: PathCode, base: PublicBase
) -> TrainingVerification:
    """What the certificate behind a code attests, and whether it still holds."""
    return await service.verify(session, code, base)

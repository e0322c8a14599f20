"""Proofs that anyone may check, without a token."""

from fastapi import APIRouter

from chassis.auth import Visitor
from chassis.db import Session
from chassis.errors import NotFound
from chassis.ids import is_code
from chassis.openapi import problems
from chassis.parameters import PathCode
from services.registry.proofs import repository, service
from services.registry.proofs.schemas import Verification

router = APIRouter(prefix="/v1", tags=["proofs"])


@router.get("/verifications/{code}", responses=problems(NotFound))
async def verify_certificate(session: Session, _: Visitor, code: PathCode) -> Verification:
    """What the certificate behind a code attests, and whether the register still says so."""
    if not is_code(code, "R"):
        raise NotFound()
    return service.answer(*await repository.by_code(session, code))

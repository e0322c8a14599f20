"""Proofs, as anybody may see them."""

from chassis import clock
from chassis.db import AsyncSession
from chassis.errors import NotFound
from chassis.ids import is_code
from services.training.certificates.repository import Certificates
from services.training.certificates.states import live_status
from services.training.proofs.schemas import TrainingFacts, TrainingVerification


async def verify(session: AsyncSession, code: str, public_base: str) -> TrainingVerification:
    """What the certificate behind `code` is worth at this moment."""
    found = await Certificates(session).by_code(code) if is_code(code, "T") else None
    if found is None:
        raise NotFound()
    credential = await Certificates(session).credential(found.id)
    include = set(TrainingFacts.model_fields) - {"certificate_id"}
    return TrainingVerification(
        code=code,
        kind="TRAINING",
        status=live_status(found.status, found.valid_from, found.valid_until, clock.now()),
        status_reason=found.status_reason,
        facts=TrainingFacts(certificate_id=found.id, **found.model_dump(include=include)),
        issued_at=found.valid_from,
        issuer=credential.issuer,
        kid=credential.kid,
        credential=credential.jwt,
        credential_url=f"{public_base}/training-certificates/{found.id}/credential",
    )

"""What becomes of a certificate: suspended, reinstated, revoked by two persons; never deleted."""

from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.versions import expect
from services.training.certificates.errors import RevocationIrreversible
from services.training.certificates.models import Revocation, TrainingCertificate
from services.training.certificates.repository import Certificates, Revocations
from services.training.certificates.service import facts, move
from services.training.certificates.states import LIFE, CertificateAction, CertificateStatus
from services.training.enrolments.repository import Delegations
from services.training.events import (
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuspended,
    outbox,
)
from services.training.sessions.errors import FourEyes
from services.training.sessions.repository import TrainingSessions
from services.training.standings.schemas import RevocationWrite, SuspensionWrite


async def managed_certificate(
    session: AsyncSession, id: UUID, caller: Caller
) -> TrainingCertificate:
    """The certificate, for a manager of the territory of its session; 404 for all others."""
    certificate = await Certificates(session).get(id)
    delegation = await Delegations(session).get(certificate.delegation_id)
    await TrainingSessions(session).one_managed_by(delegation.training_session_id, caller)
    return certificate


async def suspend(
    session: AsyncSession, id: UUID, wish: SuspensionWrite, *, version: int, by: Caller
) -> TrainingCertificate:
    """For now nobody may rely on the certificate."""
    certificate = await _begin(session, id, version, CertificateAction.SUSPEND)
    code = wish.reason_code
    move(session, certificate, CertificateAction.SUSPEND, by=by, reason=code, note=wish.note)
    outbox.publish(session, id, CertificateSuspended(**facts(certificate), reason_code=code))
    return certificate


async def reinstate(
    session: AsyncSession, id: UUID, *, version: int, note: str, by: Caller
) -> TrainingCertificate:
    """The suspension is lifted."""
    certificate = await _begin(session, id, version, CertificateAction.REINSTATE)
    move(session, certificate, CertificateAction.REINSTATE, by=by, note=note)
    outbox.publish(session, id, CertificateReinstated(**facts(certificate)))
    return certificate


async def propose_revocation(
    session: AsyncSession, id: UUID, wish: RevocationWrite, *, version: int, by: Caller
) -> Revocation:
    """The first of two persons; nothing changes yet."""
    certificate = await _begin(session, id, version, CertificateAction.REVOKE)
    return Revocations(session).add(
        Revocation(
            **wish.model_dump(),
            id=new_id(),
            certificate_id=certificate.id,
            proposed_by=by.sub,
            proposed_at=clock.now(),
        )
    )


async def approve_revocation(
    session: AsyncSession, id: UUID, revocation_id: UUID, *, version: int, by: Caller
) -> TrainingCertificate:
    """The second person: from now on, and for ever, the certificate is revoked."""
    certificate = await _begin(session, id, version, CertificateAction.REVOKE)
    proposal = await Revocations(session).find(revocation_id)
    if proposal is None or proposal.certificate_id != id:
        finding = Finding(code="REVOCATION_UNKNOWN", pointer="/revocation_id")
        raise ValidationFailed(findings=[finding])
    if proposal.proposed_by == by.sub:
        raise FourEyes()
    proposal.approved_by, proposal.approved_at = by.sub, clock.now()
    code = proposal.reason_code.value
    move(session, certificate, CertificateAction.REVOKE, by=by, reason=code, note=proposal.note)
    outbox.publish(session, id, CertificateRevoked(**facts(certificate), reason_code=code))
    return certificate


async def _begin(
    session: AsyncSession, id: UUID, version: int, action: CertificateAction
) -> TrainingCertificate:
    certificate = await Certificates(session).lock(id)
    expect(version, certificate.version)
    if certificate.status is CertificateStatus.REVOKED:
        raise RevocationIrreversible(
            action=action.value, current_status=certificate.status.value, allowed_actions=[]
        )
    LIFE.move(certificate.status, action)
    return certificate

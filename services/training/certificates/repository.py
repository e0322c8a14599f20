"""Certificates, kept and found."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.repository import Repository
from chassis.sql import run
from services.training.certificates.models import (
    CertificateCredential,
    Revocation,
    TrainingCertificate,
)
from services.training.certificates.states import STANDING
from services.training.enrolments.models import Delegation
from services.training.enrolments.repository import concerns, of_cooperative

_NEXT = text("select nextval('certificate_number')")


class Certificates(Repository[TrainingCertificate]):
    """All certificates."""

    model = TrainingCertificate
    aggregate = "training-certificate"

    async def next_number(self, year: int) -> str:
        """A number that nobody else has; a refused act leaves a gap, which means nothing."""
        order = (await run(self.session, _NEXT, {})).scalar_one()
        return f"TRN-{year}-{order:06d}"

    async def standing(self, decision_id: UUID) -> TrainingCertificate | None:
        """The one certificate of a decision that is neither revoked nor superseded."""
        query = select(TrainingCertificate).where(
            TrainingCertificate.completion_decision_id == decision_id,
            col(TrainingCertificate.status).in_(STANDING),
        )
        return (await self.session.exec(query)).one_or_none()

    async def by_code(self, code: str) -> TrainingCertificate | None:
        """The certificate with this verification code, or None."""
        query = select(TrainingCertificate).where(TrainingCertificate.verification_code == code)
        return (await self.session.exec(query)).one_or_none()

    async def credential(self, id: UUID) -> CertificateCredential:
        """The credential of a certificate that was issued: it always exists."""
        return await self.session.get_one(CertificateCredential, id)

    async def one_in_view(self, id: UUID, caller: Caller) -> TrainingCertificate:
        """The certificate, for those whom its group concerns."""
        its_group = col(TrainingCertificate.delegation_id) == col(Delegation.id)
        return await self.seen(id, its_group, concerns(caller))

    async def in_view(
        self, caller: Caller, *, cooperative_id: UUID | None, after: UUID | None, limit: int
    ) -> Sequence[TrainingCertificate]:
        """Those of groups that `caller` may see, newest first; one more than `limit`."""
        model = TrainingCertificate
        query = (
            select(model)
            .join(Delegation, col(model.delegation_id) == col(Delegation.id))
            .where(concerns(caller))
        )
        if cooperative_id is not None:
            query = query.where(of_cooperative(cooperative_id))
        if after is not None:
            query = query.where(col(model.id) < after)
        return (
            await self.session.exec(query.order_by(col(model.id).desc()).limit(limit + 1))
        ).all()


class Revocations(Repository[Revocation]):
    """All proposals to revoke."""

    model = Revocation
    aggregate = "certificate-revocation"

    async def of_certificate(
        self, id: UUID, after: UUID | None, limit: int
    ) -> Sequence[Revocation]:
        """The proposals about one certificate, oldest first; one more than `limit`."""
        query = select(Revocation).where(Revocation.certificate_id == id)
        if after is not None:
            query = query.where(col(Revocation.id) > after)
        return (await self.session.exec(query.order_by(col(Revocation.id)).limit(limit + 1))).all()

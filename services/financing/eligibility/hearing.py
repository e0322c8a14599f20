"""What financing hears from the registry and from training."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.inbox import Fact, Heard
from services.financing.eligibility.models import (
    CertificateStatus,
    KnownCertificate,
    KnownCooperative,
    KnownTraining,
)
from services.financing.eligibility.repository import KnownFacts


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Cooperative(_Told):
    cooperative_id: UUID
    registration_number: str
    organisation_id: str
    initiative_id: UUID | None = None
    name: str
    legal_form: str
    commune_code: str
    department_code: str
    region_code: str
    sector_codes: list[str] = []
    cps_tags: list[str] = []
    members_count: int
    women_count: int
    youth_count: int
    has_woman_president: bool | None = None
    organs_complete: bool
    registered_on: date
    status: str


_NEEDED = ("commune_code", "members_count", "women_count")


class _Completed(_Told):
    delegation_id: UUID
    initiative_id: UUID | None = None
    cooperative_id: UUID | None = None
    tool_code: str
    programme_code: str
    outcome: str
    decided_on: date


class _Certificate(_Told):
    certificate_id: UUID
    delegation_id: UUID
    valid_until: date | None = None


async def cooperative_told(session: AsyncSession, fact: Fact) -> None:
    """The registry told what a cooperative now is: the whole of it, whatever happened."""
    if any(fact.data.get(name) is None for name in _NEEDED):
        return  # an imported record: nobody can examine it before its seat and members are stated
    told = _Cooperative.model_validate(fact.data)
    fields: dict[str, Any] = told.model_dump(
        exclude={"cooperative_id", "department_code", "region_code"}
    )
    path = [told.commune_code, told.department_code, told.region_code, "SN"]
    row = KnownCooperative(id=told.cooperative_id, path=path, heard_at=clock.now(), **fields)
    await KnownFacts(session).put(row)


async def delegation_completed(session: AsyncSession, fact: Fact) -> None:
    """A group completed a training."""
    told = _Completed.model_validate(fact.data)
    await KnownFacts(session).put(KnownTraining(**told.model_dump()))


def _certificate_told(status: CertificateStatus) -> Heard:
    async def effect(session: AsyncSession, fact: Fact) -> None:
        told = _Certificate.model_validate(fact.data)
        row = KnownCertificate(
            id=told.certificate_id,
            delegation_id=told.delegation_id,
            status=status,
            valid_until=told.valid_until,
        )
        await KnownFacts(session).put(row)

    return effect


HEARS: dict[str, Heard] = {
    "sn.mboolo.registry.cooperative.registered.v1": cooperative_told,
    "sn.mboolo.registry.cooperative.changed.v1": cooperative_told,
    "sn.mboolo.registry.cooperative.struck_off.v1": cooperative_told,
    "sn.mboolo.training.delegation.completed.v1": delegation_completed,
    "sn.mboolo.training.certificate.issued.v1": _certificate_told(CertificateStatus.VALID),
    "sn.mboolo.training.certificate.reinstated.v1": _certificate_told(CertificateStatus.VALID),
    "sn.mboolo.training.certificate.suspended.v1": _certificate_told(CertificateStatus.SUSPENDED),
    "sn.mboolo.training.certificate.revoked.v1": _certificate_told(CertificateStatus.REVOKED),
}

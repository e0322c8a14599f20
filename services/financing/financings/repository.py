"""Financings and what was reported of them, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.owners import nearby, owned
from chassis.repository import Repository
from services.financing.financings.models import (
    Disbursement,
    Financing,
    FinancingSchedule,
    Repayment,
)
from services.financing.financings.states import Status
from services.financing.scopes import AGENT_SCOPES, APPLY, READ_ASSIGNED


def _in_view(caller: Caller) -> ColumnElement[bool]:
    """Those of the caller's organisation, of cooperatives that lent them applying, of their lender,
    and of the territory in which they are an officer."""
    subject = col(Financing.cooperative_id)
    ways = [owned(caller, col(Financing.organisation_id), subject, APPLY)]
    if caller.lender_id is not None and caller.has(READ_ASSIGNED):
        ways.append(col(Financing.lender_id) == UUID(caller.lender_id))
    if caller.has(*AGENT_SCOPES):
        ways.append(nearby(caller, col(Financing.path)))
    return or_(*ways)


class Financings(Repository[Financing]):
    """All financings. Their application is held before any of them is changed."""

    model = Financing
    aggregate = "financing"

    async def of_application(self, application_id: UUID) -> Financing | None:
        """The financing of an application, if one is under way."""
        query = select(Financing).where(
            Financing.application_id == application_id, Financing.status != Status.CANCELLED
        )
        return (await self.session.exec(query)).one_or_none()

    async def one_in_view(self, id: UUID, caller: Caller) -> Financing:
        """The financing, for those whom it concerns."""
        return await self.seen(id, _in_view(caller))

    async def one_reported_by(self, id: UUID, lender_id: UUID) -> Financing:
        """The financing, for its lender."""
        return await self.seen(id, col(Financing.lender_id) == lender_id)

    async def in_view(
        self,
        caller: Caller,
        *,
        after: UUID | None,
        limit: int,
        status: Status | None,
        cooperative_id: UUID | None,
    ) -> Sequence[Financing]:
        """Those that concern the caller, oldest first; one more than `limit`."""
        query = select(Financing).where(_in_view(caller))
        if status is not None:
            query = query.where(Financing.status == status)
        if cooperative_id is not None:
            query = query.where(Financing.cooperative_id == cooperative_id)
        if after is not None:
            query = query.where(col(Financing.id) > after)
        return (await self.session.exec(query.order_by(col(Financing.id)).limit(limit + 1))).all()

    async def schedule(self, id: UUID) -> FinancingSchedule | None:
        """The current repayment schedule, once there is one."""
        query = select(FinancingSchedule).where(
            FinancingSchedule.financing_id == id, col(FinancingSchedule.is_current)
        )
        return (await self.session.exec(query)).one_or_none()

    async def disbursement(self, lender_id: UUID, ref: str) -> Disbursement | None:
        """What the lender reported under this reference."""
        query = select(Disbursement).where(
            Disbursement.lender_id == lender_id, Disbursement.external_ref == ref
        )
        return (await self.session.exec(query)).one_or_none()

    async def repayment(self, lender_id: UUID, ref: str) -> Repayment | None:
        """What the lender reported under this reference."""
        query = select(Repayment).where(
            Repayment.lender_id == lender_id, Repayment.external_ref == ref
        )
        return (await self.session.exec(query)).one_or_none()

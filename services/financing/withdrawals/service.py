"""The cooperative takes its application back; whoever was asked is no longer."""

from uuid import UUID

from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, ValidationFailed
from chassis.versions import expect
from services.financing.applications.models import ActKind, Application
from services.financing.applications.repository import Applications
from services.financing.applications.service import act
from services.financing.applications.states import LIFE, Action
from services.financing.assignments.service import recall_open
from services.financing.errors import OwnerRequired
from services.financing.financings import service as financings
from services.financing.financings.repository import Financings
from services.financing.offers import service as offers
from services.financing.withdrawals.schemas import WithdrawalWrite


async def withdraw(
    session: AsyncSession,
    id: UUID,
    said: WithdrawalWrite,
    *,
    by: Caller,
    version: int | None = None,
) -> Application:
    """Take it back, until the contract; after an acceptance the reason must be said."""
    await hold(session, f"application/{id}")
    application = await Applications(session).lock(id)
    expect(version, application.version)
    status = LIFE.move(application.status, Action.WITHDRAW)
    financing = await Financings(session).of_application(id)
    if financing is not None and application.organisation_id != by.organisation_id:
        raise OwnerRequired()
    if financing is not None and said.reason is None:
        raise ValidationFailed(findings=[Finding(code="FIELD_MISSING", pointer="/reason")])
    application.status = status
    await offers.lapse_live(session, id)
    await recall_open(session, id)
    if financing is not None:
        await financings.cancel(session, financing)
    act(session, application, ActKind.WITHDRAWAL, by=by.sub, reason=said.reason)
    return application

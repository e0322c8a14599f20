"""What time ends: one timer, safe in any number of copies.

Each application is taken alone, under the same lock as everybody else who touches it, and looked
at again there: a decision at the deadline and the timer cannot both win.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from services.financing.applications.models import Application
from services.financing.applications.repository import Applications
from services.financing.applications.states import LIFE, Action
from services.financing.applications.states import Status as ApplicationStatus
from services.financing.assignments.repository import Assignments
from services.financing.assignments.service import close
from services.financing.assignments.states import Action as OfAssignment
from services.financing.expiry.repository import applications_due
from services.financing.financings import service as financings
from services.financing.financings.repository import Financings
from services.financing.financings.states import Status as FinancingStatus
from services.financing.offers import service as offers
from services.financing.offers.repository import Offers
from services.financing.offers.states import Action as OfOffer


async def expire_due(app: Any) -> int:
    """End whatever is past its time; how many applications that touched."""
    async with app.state.database.transaction() as session:
        due = await applications_due(session, clock.now())
    for id in due:
        async with app.state.database.transaction() as session:
            await expire(session, id, clock.now())
    return len(due)


async def expire(session: AsyncSession, application_id: UUID, now: datetime) -> None:
    """End what is past its time in one application, and say where that leaves it."""
    application = await Applications(session).lock(application_id)
    for assignment in await Assignments(session).open_of(application_id):
        if assignment.is_late(now):
            close(assignment, OfAssignment.EXPIRE)
    for offer in await Offers(session).live_of(application_id):
        if not offer.is_live(now):
            offers.end(offer, OfOffer.EXPIRE)
    await _let_go(session, application, now)
    await offers.settle(session, application)


async def _let_go(session: AsyncSession, application: Application, now: datetime) -> None:
    """No correction came, or no contract: the file lapses, or nobody takes it."""
    due = application.corrections_due_at
    is_back = application.status is ApplicationStatus.CHANGES_REQUESTED
    if is_back and due is not None and due < now:
        _move(application, Action.LAPSE)
    financing = await Financings(session).of_application(application.id)
    if financing is None or financing.status is not FinancingStatus.ACCEPTED:
        return
    if financing.contract_due_at < now:
        await financings.cancel(session, financing)
        _move(application, Action.GIVE_UP)


def _move(application: Application, action: Action) -> None:
    application.status = LIFE.move(application.status, action)
    application.version += 1

"""What happens to offers without the cooperative, and what their end means for an application."""

from uuid import UUID

from chassis.db import AsyncSession
from services.financing.applications.models import Application
from services.financing.applications.states import LIFE as APPLICATION
from services.financing.applications.states import Action as OfApplication
from services.financing.applications.states import Status as ApplicationStatus
from services.financing.assignments.repository import Assignments
from services.financing.offers.models import Offer
from services.financing.offers.repository import Offers
from services.financing.offers.states import LIFE, Action

_PLACED = {ApplicationStatus.WITH_LENDERS, ApplicationStatus.OFFERED}


def end(offer: Offer, action: Action) -> None:
    """The offer ends in one of its ways."""
    offer.status = LIFE.move(offer.status, action)
    offer.version += 1


async def lapse_live(session: AsyncSession, application_id: UUID) -> None:
    """Nobody may accept an offer of this application any more; the application is held."""
    for offer in await Offers(session).live_of(application_id):
        end(offer, Action.LAPSE)


async def settle(session: AsyncSession, application: Application) -> None:
    """Say where an application stands after something ended: offered, with lenders, or unplaced.

    The application is held; what ended before is flushed here, so that it is not counted.
    """
    if application.status not in _PLACED:
        return
    await session.flush()
    if await Offers(session).live_of(application.id):
        action = OfApplication.RECEIVE_OFFER
    elif not await Assignments(session).open_of(application.id):
        action = OfApplication.GIVE_UP
    elif application.status is ApplicationStatus.OFFERED:
        action = OfApplication.LOSE_OFFERS
    else:
        return
    before, application.status = application.status, APPLICATION.move(application.status, action)
    application.version += application.status is not before

"""Offers, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.auth import Caller
from chassis.errors import NotFound
from chassis.repository import Repository
from services.financing.applications.models import Application
from services.financing.applications.repository import own
from services.financing.offers.models import Offer
from services.financing.offers.states import Status

_ITS_APPLICATION = col(Offer.application_id) == col(Application.id)


class Offers(Repository[Offer]):
    """All offers. Their application is held before any of them is changed."""

    model = Offer
    aggregate = "offer"

    async def live_of(self, application_id: UUID) -> Sequence[Offer]:
        """Those that the cooperative may still accept."""
        query = select(Offer).where(
            Offer.application_id == application_id, Offer.status == Status.LIVE
        )
        query = query.order_by(col(Offer.id)).with_for_update()
        return (await self.session.exec(query.execution_options(populate_existing=True))).all()

    async def locked(self, id: UUID) -> Offer:
        """The offer as it is now, alone; its application is held already."""
        found = await self.session.get(Offer, id, with_for_update=True, populate_existing=True)
        if found is None:
            raise NotFound()
        return found

    async def of_decision(self, decision_id: UUID) -> Offer | None:
        """The offer that a decision made, if it made one."""
        query = select(Offer).where(Offer.decision_id == decision_id)
        query = query.execution_options(populate_existing=True)
        return (await self.session.exec(query)).one_or_none()

    async def one_of(self, id: UUID, caller: Caller) -> Offer:
        """The offer, for those who applied."""
        return await self.seen(id, _ITS_APPLICATION, own(caller))

    async def page(
        self, caller: Caller, *, after: UUID | None, limit: int, application_id: UUID | None
    ) -> Sequence[Offer]:
        """Offers to those for whom the caller applies, oldest first; one more than `limit`."""
        query = select(Offer).where(_ITS_APPLICATION, own(caller))
        if application_id is not None:
            query = query.where(Offer.application_id == application_id)
        if after is not None:
            query = query.where(col(Offer.id) > after)
        return (await self.session.exec(query.order_by(col(Offer.id)).limit(limit + 1))).all()

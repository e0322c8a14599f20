"""Offers and the queue, found."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from chassis.auth import Caller
from chassis.repository import Repository
from services.training.enrolments.models import Delegation, Enrolment
from services.training.enrolments.repository import Enrolments, concerns
from services.training.enrolments.states import EnrolmentStatus
from services.training.scopes import ENROL
from services.training.seat_offers.models import SeatOffer

_ITS_GROUP = col(SeatOffer.delegation_id) == col(Delegation.id)
DUE_SESSIONS = """
select distinct training_session_id from seat_offer where answer is null and expires_at <= $1
"""


class SeatOffers(Repository[SeatOffer]):
    """All offers."""

    model = SeatOffer
    aggregate = "seat-offer"

    async def open_in(self, session_id: UUID) -> Sequence[SeatOffer]:
        """Offers of a session that nobody has answered."""
        unanswered = col(SeatOffer.answer).is_(None)
        return await self.all_where(SeatOffer.training_session_id == session_id, unanswered)

    async def due_in(self, session_id: UUID, now: datetime) -> Sequence[SeatOffer]:
        """Those of them whose time is over."""
        unanswered, is_due = col(SeatOffer.answer).is_(None), col(SeatOffer.expires_at) <= now
        return await self.all_where(SeatOffer.training_session_id == session_id, unanswered, is_due)

    async def of(self, caller: Caller, after: UUID | None, limit: int) -> Sequence[SeatOffer]:
        """Offers to groups for which the caller may speak, oldest first; one more than `limit`."""
        query = select(SeatOffer).where(_ITS_GROUP, concerns(caller, ENROL))
        if after is not None:
            query = query.where(col(SeatOffer.id) > after)
        return (await self.session.exec(query.order_by(col(SeatOffer.id)).limit(limit + 1))).all()

    async def one_of(self, id: UUID, caller: Caller) -> SeatOffer:
        """The offer, for those who may speak for its group."""
        return await self.seen(id, _ITS_GROUP, concerns(caller, ENROL))

    async def queue(self, session_id: UUID) -> list[tuple[Delegation, list[Enrolment]]]:
        """The groups that wait, longest first, each with its waiting members in order."""
        waiting = await Enrolments(self.session).of_session(
            session_id, {EnrolmentStatus.WAITLISTED}
        )
        members: dict[UUID, list[Enrolment]] = defaultdict(list)
        for enrolment in sorted(waiting, key=lambda row: row.position):
            members[enrolment.delegation_id].append(enrolment)
        query = (
            select(Delegation)
            .where(col(Delegation.id).in_(members))
            .order_by(col(Delegation.waitlisted_at), col(Delegation.id))
        )
        rows = (await self.session.exec(query)).all()
        return [(row, members[row.id]) for row in rows]

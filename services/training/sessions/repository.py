"""Sessions and their slots, found and kept."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, delete, or_
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.db import hold
from chassis.repository import Repository
from services.training.scopes import MANAGE
from services.training.sessions.models import SessionSlot, TrainingSession
from services.training.sessions.states import SessionStatus

# A plan that nobody has approved, or that will not happen, occupies no trainer.
_UNBOUND = (
    SessionStatus.DRAFT,
    SessionStatus.SUBMITTED,
    SessionStatus.POSTPONED,
    SessionStatus.CANCELLED,
)


class TrainingSessions(Repository[TrainingSession]):
    """All sessions."""

    model = TrainingSession
    aggregate = "training-session"

    async def lock_with(self, id: UUID, *aggregates: str) -> TrainingSession:
        """The session, alone, together with other things that are about to be told of.

        Whatever changes a seat begins here: the session is the one lock of all its seats. What was
        read before is forgotten, for it may have changed while we waited.
        """
        await hold(self.session, f"{self.aggregate}/{id}", *aggregates)
        self.session.expunge_all()
        return await self.lock(id)

    async def in_view(
        self, caller: Caller, status: SessionStatus | None, after: UUID | None, limit: int
    ) -> Sequence[TrainingSession]:
        """Opened ones for everybody, plans for those who make or teach them; newest first."""
        model = TrainingSession
        mine = or_(
            col(model.opened_at).is_not(None),
            col(model.lead_trainer_sub) == caller.sub,
            col(model.co_trainer_subs).op("&&")([caller.sub]),
        )
        if caller.has(MANAGE):
            mine = or_(mine, col(model.path).op("&&")(sorted(caller.territories)))
        query = select(model).where(mine).order_by(col(model.id).desc()).limit(limit + 1)
        if status is not None:
            query = query.where(model.status == status)
        if after is not None:
            query = query.where(col(model.id) < after)
        return (await self.session.exec(query)).all()

    async def slots(self, id: UUID) -> Sequence[SessionSlot]:
        """The slots of one session, in order."""
        return (await self.slots_of([id]))[id]

    async def slots_of(self, ids: Sequence[UUID]) -> dict[UUID, list[SessionSlot]]:
        """The slots of several sessions, in order."""
        query = select(SessionSlot).where(col(SessionSlot.training_session_id).in_(ids))
        rows = (await self.session.exec(query.order_by(col(SessionSlot.starts_at)))).all()
        found: dict[UUID, list[SessionSlot]] = defaultdict(list)
        for row in rows:
            found[row.training_session_id].append(row)
        return found

    async def forget_slots(self, id: UUID) -> None:
        """Remove the slots of a plan; nothing refers to them before the session starts."""
        query = delete(SessionSlot).where(col(SessionSlot.training_session_id) == id)
        await self.session.exec(query)

    async def commitments(self, subs: set[str], besides: UUID) -> Sequence[SessionSlot]:
        """The slots at which any of these trainers is bound by another session."""
        model = TrainingSession
        teaches = or_(
            col(model.lead_trainer_sub).in_(subs), col(model.co_trainer_subs).op("&&")(sorted(subs))
        )
        is_bound = col(model.status).not_in(_UNBOUND)
        joined = col(SessionSlot.training_session_id) == col(model.id)
        query = select(SessionSlot).join(model, joined)
        rows = await self.session.exec(
            query.where(and_(teaches, is_bound, col(model.id) != besides))
        )
        return rows.all()

"""Sessions and their slots, found and kept."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, false, or_
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.db import hold
from chassis.owners import nearby
from chassis.repository import Repository
from services.training.enrolments.models import Delegation
from services.training.enrolments.repository import concerns, of_cooperative
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


def _taught_by(caller: Caller) -> ColumnElement[bool]:
    return or_(
        col(TrainingSession.lead_trainer_sub) == caller.sub,
        col(TrainingSession.co_trainer_subs).op("&&")([caller.sub]),
    )


def _managed_by(caller: Caller) -> ColumnElement[bool]:
    return nearby(caller, col(TrainingSession.path)) if caller.has(MANAGE) else false()


def _run_by(caller: Caller) -> ColumnElement[bool]:
    return or_(_taught_by(caller), _managed_by(caller))


def _in_view(caller: Caller) -> ColumnElement[bool]:
    """Those that were opened; before that only for those who run them."""
    return or_(col(TrainingSession.opened_at).is_not(None), _run_by(caller))


def _attended_by(cooperative_id: UUID, caller: Caller) -> ColumnElement[bool]:
    """Only through groups that the caller may see: who learns where is not for everybody."""
    its = select(Delegation.training_session_id).where(
        concerns(caller), of_cooperative(cooperative_id)
    )
    return col(TrainingSession.id).in_(its)


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
        self,
        caller: Caller,
        *,
        status: SessionStatus | None,
        cooperative_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> Sequence[TrainingSession]:
        """Opened ones for everybody, plans for those who make or teach them; newest first."""
        model = TrainingSession
        query = (
            select(model).where(_in_view(caller)).order_by(col(model.id).desc()).limit(limit + 1)
        )
        if status is not None:
            query = query.where(model.status == status)
        if cooperative_id is not None:
            query = query.where(_attended_by(cooperative_id, caller))
        if after is not None:
            query = query.where(col(model.id) < after)
        return (await self.session.exec(query)).all()

    async def one_in_view(self, id: UUID, caller: Caller) -> TrainingSession:
        """The session once it has been opened; before that only for those who run it."""
        return await self.seen(id, _in_view(caller))

    async def one_run_by(self, id: UUID, caller: Caller) -> TrainingSession:
        """The session, for its trainers and the managers of its territory."""
        return await self.seen(id, _run_by(caller))

    async def one_managed_by(self, id: UUID, caller: Caller) -> TrainingSession:
        """The session, for a manager of its territory."""
        return await self.seen(id, _managed_by(caller))

    async def one_taught_by(self, id: UUID, caller: Caller) -> TrainingSession:
        """The session, for its own trainers."""
        return await self.seen(id, _taught_by(caller))

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

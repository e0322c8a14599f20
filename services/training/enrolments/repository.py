"""Delegations and enrolments, found, and the one count of seats."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.repository import Repository
from services.training.enrolments.models import Delegation, Enrolment
from services.training.enrolments.rules import Party
from services.training.enrolments.schemas import Sex
from services.training.enrolments.states import HOLDING, EnrolmentStatus
from services.training.scopes import MANAGE
from services.training.sessions.models import TrainingSession
from services.training.tools.schemas import YouthAge


class Delegations(Repository[Delegation]):
    """All groups in all sessions."""

    model = Delegation
    aggregate = "delegation"

    async def in_view(
        self, caller: Caller, session_id: UUID | None, after: UUID | None, limit: int
    ) -> Sequence[Delegation]:
        """Those that `caller` may see, oldest first; one more than `limit`."""
        joined = col(Delegation.training_session_id) == col(TrainingSession.id)
        query = select(Delegation).join(TrainingSession, joined).where(concerns(caller))
        if session_id is not None:
            query = query.where(Delegation.training_session_id == session_id)
        if after is not None:
            query = query.where(col(Delegation.id) > after)
        rows = await self.session.exec(query.order_by(col(Delegation.id)).limit(limit + 1))
        return rows.all()

    async def live(self, session_id: UUID, group_id: UUID) -> Delegation | None:
        """The group's live delegation in a session, or None."""
        query = select(Delegation).where(
            Delegation.training_session_id == session_id,
            Delegation.group_id == group_id,
            col(Delegation.is_live),
        )
        return (await self.session.exec(query)).one_or_none()

    async def of_session(self, session_id: UUID) -> Sequence[Delegation]:
        """The groups of a session, in order of arrival."""
        query = select(Delegation).where(Delegation.training_session_id == session_id)
        return (await self.session.exec(query.order_by(col(Delegation.id)))).all()


class Enrolments(Repository[Enrolment]):
    """All learners in all sessions."""

    model = Enrolment
    aggregate = "enrolment"

    async def in_view(
        self, caller: Caller, delegation_id: UUID | None, after: UUID | None, limit: int
    ) -> Sequence[Enrolment]:
        """Those of delegations that `caller` may see, oldest first; one more than `limit`."""
        query = (
            select(Enrolment)
            .join(Delegation, col(Enrolment.delegation_id) == col(Delegation.id))
            .join(TrainingSession, col(Delegation.training_session_id) == col(TrainingSession.id))
            .where(concerns(caller))
        )
        if delegation_id is not None:
            query = query.where(Enrolment.delegation_id == delegation_id)
        if after is not None:
            query = query.where(col(Enrolment.id) > after)
        return (await self.session.exec(query.order_by(col(Enrolment.id)).limit(limit + 1))).all()

    async def of_delegation(self, id: UUID) -> Sequence[Enrolment]:
        """The members of a group, in the order in which it named them."""
        return await self.all_where(Enrolment.delegation_id == id, order_by=col(Enrolment.position))

    async def of_delegations(self, ids: Collection[UUID]) -> Sequence[Enrolment]:
        """The members of several groups, in order."""
        ordered = col(Enrolment.position)
        return await self.all_where(col(Enrolment.delegation_id).in_(ids), order_by=ordered)

    async def of_session(
        self, session_id: UUID, among: Collection[EnrolmentStatus]
    ) -> Sequence[Enrolment]:
        """The enrolments of a session that stand in one of these states."""
        is_among = col(Enrolment.status).in_(among)
        ordered = col(Enrolment.id)
        return await self.all_where(
            Enrolment.training_session_id == session_id, is_among, order_by=ordered
        )

    async def named(self, session_id: UUID, ids: Collection[UUID]) -> Sequence[Enrolment]:
        """Those of `ids` that belong to the session."""
        is_named = col(Enrolment.id).in_(ids)
        return await self.all_where(Enrolment.training_session_id == session_id, is_named)

    async def held(self, session_id: UUID, youth: YouthAge, on: date) -> Party:
        """Who holds the seats of a session: the only count of them that there is."""
        age = on.year - col(Enrolment.birth_year)
        is_young: Any = age.between(youth.min_age, youth.max_age)
        query = select(
            func.count(),
            func.count().filter(col(Enrolment.sex) == Sex.F),
            func.count().filter(is_young),
        ).where(Enrolment.training_session_id == session_id, col(Enrolment.status).in_(HOLDING))
        return Party(*(await self.session.exec(query)).one())

    async def count(self, session_id: UUID, status: EnrolmentStatus) -> int:
        """How many enrolments of a session stand in one state."""
        query = select(func.count()).where(
            Enrolment.training_session_id == session_id, Enrolment.status == status
        )
        return (await self.session.exec(query)).one()


def concerns(caller: Caller) -> Any:
    """The group's own organisation, those who teach the session, and those who enrol or manage in
    the territory."""
    place = sorted(caller.territories)
    mine = or_(
        col(Delegation.organisation_id) == caller.organisation_id,
        col(TrainingSession.lead_trainer_sub) == caller.sub,
        col(TrainingSession.co_trainer_subs).op("&&")([caller.sub]),
    )
    if caller.has("training:enrol"):
        mine = or_(mine, col(Delegation.path).op("&&")(place))
    if caller.has(MANAGE):
        mine = or_(mine, col(TrainingSession.path).op("&&")(place))
    return mine

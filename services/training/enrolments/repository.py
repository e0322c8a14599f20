"""Delegations and enrolments, found, and the one count of seats."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, tuple_, union_all
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.owners import nearby
from chassis.repository import Repository
from services.training.enrolments.models import Delegation, Enrolment
from services.training.enrolments.rules import Party
from services.training.enrolments.schemas import Sex
from services.training.enrolments.states import HOLDING, EnrolmentStatus
from services.training.groups.models import GroupKind, KnownGroup
from services.training.scopes import ENROL, LOOK, MANAGE
from services.training.sessions.models import TrainingSession
from services.training.tools.schemas import YouthAge


class Delegations(Repository[Delegation]):
    """All groups in all sessions."""

    model = Delegation
    aggregate = "delegation"

    async def in_view(
        self,
        caller: Caller,
        *,
        session_id: UUID | None,
        cooperative_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> Sequence[Delegation]:
        """Those that `caller` may see, oldest first; one more than `limit`."""
        query = select(Delegation).where(concerns(caller))
        if session_id is not None:
            query = query.where(Delegation.training_session_id == session_id)
        if cooperative_id is not None:
            query = query.where(of_cooperative(cooperative_id))
        if after is not None:
            query = query.where(col(Delegation.id) > after)
        rows = await self.session.exec(query.order_by(col(Delegation.id)).limit(limit + 1))
        return rows.all()

    async def one_in_view(self, id: UUID, caller: Caller, *scopes: str) -> Delegation:
        """The delegation, for those whom it concerns."""
        return await self.seen(id, concerns(caller, *scopes))

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
            .where(concerns(caller))
        )
        if delegation_id is not None:
            query = query.where(Enrolment.delegation_id == delegation_id)
        if after is not None:
            query = query.where(col(Enrolment.id) > after)
        return (await self.session.exec(query.order_by(col(Enrolment.id)).limit(limit + 1))).all()

    async def one_in_view(self, id: UUID, caller: Caller, *scopes: str) -> Enrolment:
        """The enrolment, for those whom its group concerns."""
        its_group = col(Enrolment.delegation_id) == col(Delegation.id)
        return await self.seen(id, its_group, concerns(caller, *scopes))

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


def concerns(caller: Caller, *scopes: str) -> ColumnElement[bool]:
    """Delegations of the caller's own organisation, of those who teach the session, of those who
    enrol or manage in the territory, and of cooperatives that lent one of `scopes` (if none is
    named: any that opens a look). Joins the session by itself."""
    ways = [
        col(Delegation.organisation_id) == caller.organisation_id,
        col(TrainingSession.lead_trainer_sub) == caller.sub,
        col(TrainingSession.co_trainer_subs).op("&&")([caller.sub]),
    ]
    if lent := sorted(caller.lent(*(scopes or LOOK))):
        ways.append(_is_lent(lent))
    if caller.has(ENROL):
        ways.append(nearby(caller, col(Delegation.path)))
    if caller.has(MANAGE):
        ways.append(nearby(caller, col(TrainingSession.path)))
    its_session = col(Delegation.training_session_id) == col(TrainingSession.id)
    return its_session & or_(*ways)


def of_cooperative(id: UUID) -> ColumnElement[bool]:
    """Delegations of a cooperative, and of the initiative that it once was."""
    group = col(Delegation.group_id)
    before = select(KnownGroup.initiative_id).where(
        KnownGroup.id == id, KnownGroup.kind == GroupKind.COOPERATIVE
    )
    return or_(group == id, group.in_(before))


def _is_lent(lent: Sequence[tuple[str, UUID]]) -> ColumnElement[bool]:
    """Delegations of these cooperatives, and of the initiatives that they once were."""
    owner, kind = col(KnownGroup.organisation_id), col(KnownGroup.kind)
    named = tuple_(owner, col(KnownGroup.id)).in_(lent) & (kind == GroupKind.COOPERATIVE)
    before = select(owner, col(KnownGroup.initiative_id)).where(named)
    groups: Any = union_all(select(owner, col(KnownGroup.id)).where(named), before)
    return tuple_(col(Delegation.organisation_id), col(Delegation.group_id)).in_(groups)

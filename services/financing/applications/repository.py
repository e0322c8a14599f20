"""Applications, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.owners import nearby, owned
from chassis.repository import Repository
from services.financing.applications.models import ActKind, Application, ApplicationAct
from services.financing.applications.states import Status
from services.financing.scopes import AGENT_SCOPES, APPLY


def own(caller: Caller) -> ColumnElement[bool]:
    """Those of the caller's organisation, and of cooperatives that lent them applying."""
    return owned(caller, col(Application.organisation_id), col(Application.cooperative_id), APPLY)


def _at_work(caller: Caller) -> ColumnElement[bool]:
    """Those that an officer has to work on: submitted, in their territory."""
    if not caller.has(*AGENT_SCOPES):
        return false()
    return and_(nearby(caller, col(Application.path)), col(Application.submitted_at).is_not(None))


class Applications(Repository[Application]):
    """All applications."""

    model = Application
    aggregate = "application"

    async def in_view(
        self,
        caller: Caller,
        *,
        after: UUID | None,
        limit: int,
        status: Status | None,
        cooperative_id: UUID | None,
    ) -> Sequence[Application]:
        """Those for which the caller applies, and those that they work on, oldest first; one more
        than `limit`."""
        query = select(Application).where(or_(own(caller), _at_work(caller)))
        if status is not None:
            query = query.where(Application.status == status)
        if cooperative_id is not None:
            query = query.where(Application.cooperative_id == cooperative_id)
        if after is not None:
            query = query.where(col(Application.id) > after)
        query = query.order_by(col(Application.id)).limit(limit + 1)
        return (await self.session.exec(query)).all()

    async def one_in_view(self, id: UUID, caller: Caller) -> Application:
        """The application, for its applicants, and once submitted for the officers of its
        territory."""
        return await self.seen(id, or_(own(caller), _at_work(caller)))

    async def one_of(self, id: UUID, caller: Caller) -> Application:
        """The application, for those who apply."""
        return await self.seen(id, own(caller))

    async def one_at_work(self, id: UUID, caller: Caller) -> Application:
        """The application, for the officers who have it to work on."""
        return await self.seen(id, _at_work(caller))

    async def acts(self, id: UUID) -> Sequence[ApplicationAct]:
        """What was done with an application, oldest first."""
        query = select(ApplicationAct).where(ApplicationAct.application_id == id)
        query = query.order_by(col(ApplicationAct.at), col(ApplicationAct.id))
        return (await self.session.exec(query)).all()

    async def hands(self, id: UUID, *kinds: ActKind) -> set[str]:
        """Everybody who did one of these acts."""
        query = select(ApplicationAct.by_sub).where(
            ApplicationAct.application_id == id, col(ApplicationAct.kind).in_(kinds)
        )
        return set((await self.session.exec(query)).all())

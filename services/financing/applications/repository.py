"""Applications, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, or_
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.repository import Repository
from services.financing.applications.models import ActKind, Application, ApplicationAct
from services.financing.applications.states import Status
from services.financing.scopes import AGENT_SCOPES


class Applications(Repository[Application]):
    """All applications."""

    model = Application
    aggregate = "application"

    async def in_view(
        self, caller: Caller, *, after: UUID | None, limit: int, status: Status | None
    ) -> Sequence[Application]:
        """Those of the caller's organisation, and those submitted in an agent's territory, oldest
        first; one more than `limit`."""
        mine = col(Application.organisation_id) == caller.organisation_id
        place = col(Application.path).op("&&")(sorted(caller.territories))
        to_agents = and_(place, col(Application.submitted_at).is_not(None))
        query = select(Application).where(
            or_(mine, to_agents) if caller.has(*AGENT_SCOPES) else mine
        )
        if status is not None:
            query = query.where(Application.status == status)
        if after is not None:
            query = query.where(col(Application.id) > after)
        query = query.order_by(col(Application.id)).limit(limit + 1)
        return (await self.session.exec(query)).all()

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

"""Requests about personal data, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from chassis.auth import Caller
from chassis.owners import nearby
from chassis.repository import Repository
from services.registry.cooperatives.models import Cooperative, Member
from services.registry.privacy.models import Channel, DataRequest, PrivacyAct, PrivacyActKind
from services.registry.privacy.states import RequestStatus
from services.registry.scopes import PROTECT


def _protected(caller: Caller) -> ColumnElement[bool]:
    """Those about members of the territory of who protects their data."""
    members = select(Member.id).where(
        Member.cooperative_id == Cooperative.id, nearby(caller, col(Cooperative.path))
    )
    return col(DataRequest.member_id).in_(members)


def _own(caller: Caller) -> ColumnElement[bool]:
    """Those of the person; of what was said at a desk, those of who wrote it down and still
    protects the data of its territory."""
    online: ColumnElement[bool] = col(DataRequest.channel) == Channel.ONLINE
    ours = or_(online, _protected(caller)) if caller.has(PROTECT) else online
    return and_(col(DataRequest.sub) == caller.sub, ours)


def _in_view(caller: Caller) -> ColumnElement[bool]:
    own = _own(caller)
    return or_(own, _protected(caller)) if caller.has(PROTECT) else own


class DataRequests(Repository[DataRequest]):
    """All requests."""

    model = DataRequest
    aggregate = "data_request"

    async def one_in_view(self, id: UUID, caller: Caller) -> DataRequest:
        """The request, for who made it and who protects the data of its territory."""
        return await self.seen(id, _in_view(caller))

    async def one_to_decide(self, id: UUID, caller: Caller) -> DataRequest:
        """The request, for who protects the data of its territory."""
        return await self.seen(id, _protected(caller))

    async def own(self, id: UUID, caller: Caller) -> DataRequest:
        """The request, for who made it."""
        return await self.seen(id, _own(caller))

    async def in_view(
        self, caller: Caller, *, after: UUID | None, limit: int, status: RequestStatus | None
    ) -> Sequence[DataRequest]:
        """Those that the caller made or protects, oldest first; one more than `limit`."""
        query = select(DataRequest).where(_in_view(caller))
        if status is not None:
            query = query.where(DataRequest.status == status)
        if after is not None:
            query = query.where(col(DataRequest.id) > after)
        query = query.order_by(col(DataRequest.id)).limit(limit + 1)
        return (await self.session.exec(query)).all()


class Acts(Repository[PrivacyAct]):
    """What was done to personal data; only ever added to."""

    model = PrivacyAct
    aggregate = "privacy_act"

    async def of_forgetting(self) -> Sequence[PrivacyAct]:
        """Those after which somebody is forgotten, in the order in which they happened."""
        return await self.all_where(
            col(PrivacyAct.kind) != PrivacyActKind.RECTIFIED, order_by=col(PrivacyAct.id)
        )

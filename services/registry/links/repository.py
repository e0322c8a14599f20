"""Links between accounts and members, found and kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, func, or_, update
from sqlmodel import col, select

from chassis import clock
from chassis.auth import Caller
from chassis.errors import NotFound
from chassis.owners import nearby
from chassis.repository import Repository
from services.registry.cooperatives.models import Cooperative, Member
from services.registry.links.models import MemberLink
from services.registry.scopes import AGENT_SCOPES, FILE


class Links(Repository[MemberLink]):
    """All links."""

    model = MemberLink
    aggregate = "member_link"

    async def giver(self, member_id: UUID, caller: Caller) -> tuple[Member, Cooperative]:
        """The member, for who may hand them a code: their own cooperative (nobody to whom it lent
        anything) and the agents of its territory."""
        is_own = col(Cooperative.organisation_id) == caller.organisation_id
        ways = [is_own] if caller.has(FILE) else []
        if caller.has(*AGENT_SCOPES):
            ways.append(nearby(caller, col(Cooperative.path)))
        query = select(Member, Cooperative).where(
            Member.cooperative_id == Cooperative.id, Member.id == member_id, or_(*ways)
        )
        found = (await self.session.exec(query)).one_or_none()
        if found is None:
            raise NotFound()
        return found

    async def by_code(self, blinds: Sequence[str]) -> MemberLink | None:
        """The link that waits for this code."""
        query = select(MemberLink).where(col(MemberLink.code_blind) == func.any(list(blinds)))
        found = await self.session.exec(query.execution_options(populate_existing=True))
        return found.one_or_none()

    async def end_others(self, link: MemberLink) -> None:
        """The account that was this member before `link` is so no longer."""
        query = update(MemberLink).where(
            col(MemberLink.member_id) == link.member_id,
            col(MemberLink.id) != link.id,
            col(MemberLink.sub).is_not(None),
            col(MemberLink.ended_at).is_(None),
        )
        await self.session.exec(query.values(ended_at=clock.now()))

    async def end_of_member(self, member_id: UUID) -> None:
        """Whatever account was this member is so no longer, and no code makes one so."""
        query = update(MemberLink).where(
            col(MemberLink.member_id) == member_id, col(MemberLink.ended_at).is_(None)
        )
        await self.session.exec(query.values(ended_at=clock.now()))

    async def members_of(
        self, sub: str, *, after: UUID | None = None, limit: int | None = None
    ) -> Sequence[tuple[Member, Cooperative]]:
        """Who an account is, by member id; one more than `limit`."""
        query = (
            select(Member, Cooperative)
            .join(MemberLink, and_(col(MemberLink.member_id) == Member.id))
            .where(Member.cooperative_id == Cooperative.id)
            .where(MemberLink.sub == sub, col(MemberLink.ended_at).is_(None))
        )
        if after is not None:
            query = query.where(col(Member.id) > after)
        query = query.order_by(col(Member.id))
        if limit is not None:
            query = query.limit(limit + 1)
        return (await self.session.exec(query)).all()

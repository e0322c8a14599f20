"""What a caller has before them when they wonder what to file."""

from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.auth import Caller
from chassis.owners import nearby, owned
from services.registry.cooperatives.models import Cooperative
from services.registry.cooperatives.repository import Cooperatives
from services.registry.fields import FilingType
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.scopes import CORRECT, FILE

_OPEN = (
    FilingStatus.DRAFT,
    FilingStatus.SUBMITTED,
    FilingStatus.UNDER_REVIEW,
    FilingStatus.CHANGES_REQUESTED,
)


async def found(session: AsyncSession, id: UUID) -> Cooperative:
    """The cooperative; the register is public."""
    return await Cooperatives(session).get(id)


async def within_reach(session: AsyncSession, id: UUID, caller: Caller) -> set[str]:
    """The scopes under which a filing about it is the caller's to make: as `POST /filings` finds
    the cooperative."""
    near = nearby(caller, col(Cooperative.path))
    own = owned(caller, col(Cooperative.organisation_id), col(Cooperative.id), FILE)
    ways = {FILE: or_(near, own), CORRECT: near}
    reach: set[str] = set()
    for scope, way in ways.items():
        query = select(Cooperative.id).where(Cooperative.id == id, way)
        if (await session.exec(query)).one_or_none() is not None:
            reach.add(scope)
    return reach


async def open_files(session: AsyncSession, id: UUID) -> dict[FilingType, UUID]:
    """The oldest open file of each type about a cooperative."""
    query = (
        select(Filing.type, Filing.id)
        .where(Filing.cooperative_id == id, col(Filing.status).in_(_OPEN))
        .order_by(col(Filing.id).desc())
    )
    return {FilingType(type): filing_id for type, filing_id in (await session.exec(query)).all()}

"""The platform never loses its last administrator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from chassis.db import AsyncSession
from chassis.errors import Conflict
from chassis.sql import run

# Held, beside the thing itself, by every act that may take an administrator away: two who suspend
# each other at the same moment must not both succeed.
ADMINISTRATORS = "administrators/all"
_COUNT = text(
    "select count(*) from account a join organisation o on o.id = a.organisation_id"
    " where 'admin' = any(a.roles) and a.status = 'ACTIVE' and o.status = 'ACTIVE'"
)


class LastAdministrator(Conflict):
    """Nobody would be left to administer the platform."""


@asynccontextmanager
async def kept(session: AsyncSession) -> AsyncIterator[None]:
    """Refuse what happens in the block if it takes the last administrator away; hold
    `ADMINISTRATORS` before."""
    before = await count(session)
    yield
    await session.flush()
    if before and not await count(session):
        raise LastAdministrator()


async def count(session: AsyncSession) -> int:
    """How many persons may administer the platform now."""
    found: int = (await run(session, _COUNT, {})).scalar_one()
    return found

"""Plain SQL inside a session's transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult, TextClause
from sqlmodel.ext.asyncio.session import AsyncSession


async def run(
    session: AsyncSession, statement: TextClause, params: Mapping[str, Any]
) -> CursorResult[Any]:
    """Execute `statement` in the transaction of `session`, without flushing its objects."""
    connection = await session.connection()
    return await connection.execute(statement, dict(params))

"""Assertions that have expired cannot be replayed: forgetting them is safe."""

from typing import Any

from sqlalchemy import text

from chassis.sql import run
from chassis.timers import Timer

_PURGE = text(
    "delete from assertion_jti where ctid in (select ctid from assertion_jti"
    " where expires_at < statement_timestamp() - interval '1 minute' limit 5000)"
)


async def forget_expired(app: Any) -> int:
    """Delete a batch of expired assertions; how many there were."""
    async with app.state.database.transaction() as session:
        return (await run(session, _PURGE, {})).rowcount


timer = Timer("assertions", 60, forget_expired)

"""What a client has been lent, as the internal tokens say it."""

from collections.abc import Awaitable, Callable
from typing import Any

from chassis import clock
from chassis.auth import MAX_GRANTS
from chassis.reads import Reads
from gateway.grants.repository import LENT

GrantsOf = Callable[[str], Awaitable[list[dict[str, Any]]]]


def lending(reads: Callable[[], Reads]) -> GrantsOf:
    """Looks up a client's grants: one short query for each internal token that is made.

    `until` (seconds since the epoch) says when a grant ends, so that no token outlives it.
    """

    async def grants_of(client_id: str) -> list[dict[str, Any]]:
        rows = await reads().fetch(LENT, client_id, clock.now(), MAX_GRANTS)
        return [
            {
                "org": row["org"],
                "subject": row["subject"],
                "scopes": row["scopes"],
                "until": row["ends_at"].timestamp(),
            }
            for row in rows
        ]

    return grants_of

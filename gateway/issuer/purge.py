"""What nobody can use or replay any more is forgotten, a batch at a time.

A used refresh token stays as long as its family might, since bringing it again ends the family.
Sign-ins and families that ended stay a month longer, for whoever asks what happened.
"""

from typing import Any

from sqlalchemy import text

from chassis.sql import count
from chassis.timers import Timer

_BATCH = 5000
_OLD_FAMILIES = (
    "select id from refresh_family"
    " where least(expires_at, ended_at) < statement_timestamp() - interval '30 days'"
    " order by id limit 1000"
)
_RULES = (
    ("assertion_jti", "expires_at < statement_timestamp() - interval '1 minute'"),
    ("token_cutoff", "expires_at < statement_timestamp()"),
    # a lock is never longer than its window
    ("sign_in_failures", "window_began_at < statement_timestamp() - interval '1 hour'"),
    ("authorization_code", "expires_at < statement_timestamp() - interval '1 day'"),
    ("authorization_code", f"family_id in ({_OLD_FAMILIES})"),
    ("refresh_token", f"family_id in ({_OLD_FAMILIES})"),
    (
        "refresh_family",
        f"id in ({_OLD_FAMILIES}) and not exists"  # noqa: S608  constants
        " (select 1 from refresh_token t where t.family_id = refresh_family.id)"
        " and not exists"
        " (select 1 from authorization_code c where c.family_id = refresh_family.id)",
    ),
    ("sign_in", "least(expires_at, ended_at) < statement_timestamp() - interval '30 days'"),
    (
        "one_time_code",
        "least(expires_at, used_at) < statement_timestamp() - interval '30 days'",
    ),
)
_PURGE = [
    text(
        f"delete from {table} where ctid = any(array("  # noqa: S608  constants
        f"select ctid from {table} where {rule} limit {_BATCH}))"
    )
    for table, rule in _RULES
]


async def forget_expired(app: Any) -> int:
    """Delete a batch of each; how much there was."""
    gone = 0
    for statement in _PURGE:
        async with app.state.database.transaction() as session:
            gone += await count(session, statement, {})
    return gone


timer = Timer("expired", 60, forget_expired)

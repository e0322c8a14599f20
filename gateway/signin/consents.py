"""What a person allowed an application, remembered until they withdraw it."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import run

_FIND = text("select scopes from consent where account_id = :account_id and client_id = :client_id")
_GIVE = text(
    "insert into consent as c (account_id, client_id, scopes, given_at)"
    " values (:account_id, :client_id, :scopes, :now)"
    " on conflict (account_id, client_id) do update set given_at = excluded.given_at,"
    " scopes = (select array_agg(distinct s order by s) from unnest(c.scopes || excluded.scopes) s)"
)


async def covers(
    session: AsyncSession, account_id: str, client_id: str, scopes: Sequence[str]
) -> bool:
    """Whether the person has allowed the client all of `scopes` before."""
    key = {"account_id": account_id, "client_id": client_id}
    row = (await run(session, _FIND, key)).one_or_none()
    return row is not None and set(scopes) <= set(row.scopes)


async def give(
    session: AsyncSession, account_id: str, client_id: str, scopes: Sequence[str]
) -> None:
    """The person allows `scopes`, beside what they allowed before."""
    key = {"account_id": account_id, "client_id": client_id}
    await run(session, _GIVE, key | {"scopes": list(scopes), "now": clock.now()})

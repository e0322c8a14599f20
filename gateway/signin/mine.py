"""What a person sees of their own account: browsers, applications, the second factor."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import run
from gateway.issuer import endings

_SIGN_INS = text(
    "select sha256, browser, signed_in_at from sign_in"
    " where account_id = :id and ended_at is null and expires_at > :now"
    " order by signed_in_at desc limit 50"
)
_APPLICATIONS = text(
    "select c.client_id, k.name, o.name as organisation, c.scopes, c.given_at from consent c"
    " join client k on k.id = c.client_id join organisation o on o.id = k.organisation_id"
    " where c.account_id = :id order by c.given_at desc limit 100"
)
_IS_MINE = text("select 1 from sign_in where sha256 = :sha256 and account_id = :id")
_WITHDRAW = text("delete from consent where account_id = :id and client_id = :client_id")


async def sign_ins(session: AsyncSession, account_id: str) -> Sequence[Any]:
    """Where the person is signed in, latest first."""
    return (await run(session, _SIGN_INS, {"id": account_id, "now": clock.now()})).all()


async def applications(session: AsyncSession, account_id: str) -> Sequence[Any]:
    """What the person allowed, latest first."""
    return (await run(session, _APPLICATIONS, {"id": account_id})).all()


async def end_sign_in(session: AsyncSession, account_id: str, sha256: str) -> None:
    """Sign out one of the person's own browsers; somebody else's is none."""
    row = {"id": account_id, "sha256": sha256}
    if (await run(session, _IS_MINE, row)).one_or_none() is not None:
        await endings.end_sign_in(session, sha256, "ENDED_BY_THE_PERSON")


async def withdraw(session: AsyncSession, account_id: str, client_id: str) -> None:
    """The application may do nothing any more, and must ask again."""
    await endings.end_of_client_for(session, client_id, account_id, "CONSENT_WITHDRAWN")
    await run(session, _WITHDRAW, {"id": account_id, "client_id": client_id})

"""Sign-ins: a browser, a person, how they proved who they are, until when."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import run
from gateway.accounts import persons
from gateway.accounts.persons import Person
from gateway.issuer.families import SignedIn, sha256
from gateway.signin.browser import SIGN_IN_LIVES

_FIND = text(
    "select account_id, methods, signed_in_at from sign_in"
    " where sha256 = :sha256 and ended_at is null and expires_at > :now"
)
_BEGIN = text(
    "insert into sign_in (sha256, account_id, methods, browser, signed_in_at, expires_at)"
    " values (:sha256, :account_id, :methods, :browser, :now, :expires_at)"
)
_STRENGTHEN = text("update sign_in set methods = array['pwd', 'otp'] where sha256 = :sha256")
_HOLD = text("select id from account where id = :id for share")
_END = text("update sign_in set ended_at = :now where sha256 = :sha256 and ended_at is null")


@dataclass(frozen=True)
class Current:
    """Who is signed in in this browser."""

    sha256: str
    person: Person
    methods: tuple[str, ...]
    signed_in_at: datetime

    def suffices(self, strong_roles: Collection[str]) -> bool:
        """Whether they proved who they are as strongly as their roles ask for now."""
        return "otp" in self.methods or not self.person.needs_second_factor(strong_roles)

    @property
    def signed_in(self) -> SignedIn:
        """As an authorization remembers it."""
        return SignedIn(self.person.id, self.methods, self.signed_in_at, self.sha256)


async def find(session: AsyncSession, cookie: str) -> Current | None:
    """Who signed in with this cookie, if that still holds and they may act."""
    if not cookie:
        return None
    digest = sha256(cookie)
    key = {"sha256": digest, "now": clock.now()}
    row = (await run(session, _FIND, key)).one_or_none()
    person = await persons.find(session, row.account_id) if row else None
    if row is None or person is None:
        return None
    return Current(digest, person, tuple(row.methods), row.signed_in_at)


async def begin(
    session: AsyncSession, person: Person, methods: list[str], browser: str
) -> tuple[str, Current]:
    """A new sign-in and its cookie: never one that the browser had before (session fixation)."""
    cookie, now = secrets.token_urlsafe(32), clock.now()
    current = Current(sha256(cookie), person, tuple(methods), now)
    row = {
        "sha256": current.sha256,
        "account_id": person.id,
        "methods": methods,
        "browser": browser,
        "now": now,
        "expires_at": now + SIGN_IN_LIVES,
    }
    await run(session, _BEGIN, row)
    return cookie, current


async def end(session: AsyncSession, cookie: str) -> None:
    """The sign-in with this cookie is over."""
    if cookie:
        await run(session, _END, {"sha256": sha256(cookie), "now": clock.now()})


async def holds(session: AsyncSession, current: Current) -> bool:
    """Whether the sign-in is live; it stays so until this transaction ends.

    Whoever ends it holds the person's row first, and then finds what we write.
    """
    await run(session, _HOLD, {"id": current.person.id})
    key = {"sha256": current.sha256, "now": clock.now()}
    return (await run(session, _FIND, key)).one_or_none() is not None


async def strengthen(session: AsyncSession, current: Current) -> None:
    """The person has shown a second factor in this browser too."""
    await run(session, _STRENGTHEN, {"sha256": current.sha256})

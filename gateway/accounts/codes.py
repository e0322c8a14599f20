"""One-time codes by which a person comes in: shown once, kept as SHA-256, used once.

Twenty characters that survive handwriting and the telephone (Crockford's base 32: no I, L, O, U),
a hundred random bits.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import run
from gateway.accounts.models import CodePurpose

LIFETIMES = {
    CodePurpose.INVITATION: timedelta(days=7),
    CodePurpose.PASSWORD_RESET: timedelta(minutes=30),
    CodePurpose.ADDRESS_CHANGE: timedelta(minutes=30),
}
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 20
_MISREAD = str.maketrans("ILO", "110", "- \t\r\n")

_ALONE = text("select id from account where id = :account_id for update")
_VOID = text(
    "update one_time_code set used_at = :now"
    " where account_id = :account_id and purpose = :purpose and used_at is null"
)
_ISSUE = text(
    "insert into one_time_code (sha256, account_id, purpose, created_at, expires_at)"
    " values (:sha256, :account_id, :purpose, :now, :expires_at)"
)
_LIVE = text(
    "select 1 from one_time_code where account_id = :account_id and purpose = :purpose"
    " and used_at is null and expires_at > :now"
)
_GOOD = (
    "sha256 = :sha256 and used_at is null and expires_at > :now"
    " and purpose = any(cast(:purposes as text[]))"
)
_PEEK = text(f"select account_id, purpose from one_time_code where {_GOOD}")  # noqa: S608
_REDEEM = text(
    f"update one_time_code set used_at = :now where {_GOOD}"  # noqa: S608  constants
    " returning account_id, purpose"
)


@dataclass(frozen=True)
class Redeemed:
    """Whose code it was, and what for."""

    account_id: str
    purpose: CodePurpose


async def issue(session: AsyncSession, account_id: str, purpose: CodePurpose) -> str:
    """A new code, to be told to the person and to nobody else; an earlier one is void."""
    code = fresh(_LENGTH)
    now = clock.now()
    row = {"account_id": account_id, "purpose": purpose.value, "now": now}
    await session.flush()
    await run(session, _ALONE, {"account_id": account_id})  # two at once: one live code remains
    await run(session, _VOID, row)
    await run(
        session, _ISSUE, row | {"sha256": _sha256(code), "expires_at": now + LIFETIMES[purpose]}
    )
    return grouped(code)


async def void(session: AsyncSession, account_id: str) -> None:
    """Codes that were sent to a person open nothing any more."""
    await session.flush()
    row = {"account_id": account_id, "now": clock.now()}
    for purpose in CodePurpose:
        await run(session, _VOID, row | {"purpose": purpose.value})


async def is_awaited(session: AsyncSession, account_id: str, purpose: CodePurpose) -> bool:
    """Whether a code that was sent to a person for that is still good."""
    row = {"account_id": account_id, "purpose": purpose.value, "now": clock.now()}
    return (await run(session, _LIVE, row)).one_or_none() is not None


async def owner(
    session: AsyncSession, code: str, purposes: Collection[CodePurpose]
) -> Redeemed | None:
    """Whose good code it is; it stays good."""
    found = (await run(session, _PEEK, _row(code, purposes))).one_or_none()
    return found and Redeemed(found.account_id, CodePurpose(found.purpose))


async def redeem(
    session: AsyncSession, code: str, purposes: Collection[CodePurpose]
) -> Redeemed | None:
    """Use up a code for one of `purposes`; None unless it is good, also for all but one of two who
    try at once."""
    found = (await run(session, _REDEEM, _row(code, purposes))).one_or_none()
    return found and Redeemed(found.account_id, CodePurpose(found.purpose))


def _row(code: str, purposes: Collection[CodePurpose]) -> dict[str, Any]:
    return {
        "sha256": _sha256(plain(code)),
        "purposes": [purpose.value for purpose in purposes],
        "now": clock.now(),
    }


def fresh(length: int) -> str:
    """A random code, five bits in each character."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def is_one(plain: str) -> bool:
    """Whether a code could be spelt so."""
    return len(plain) == _LENGTH and set(plain) <= set(_ALPHABET)


def plain(typed: str) -> str:
    """A code as it was issued, from what a person typed."""
    return typed.upper().translate(_MISREAD)


def grouped(code: str) -> str:
    """A code as people read it: `K7QM-2XVD-…`."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _sha256(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()

"""The second factor of a person: a telephone that shows codes, and eight codes on paper.

The secret is sealed. A code counts once: its step is remembered, and no earlier one counts either.
"""

import hashlib
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import run
from chassis.vault import Vault
from gateway.accounts import codes, totp

_RECOVERY = 8
_RECOVERY_LENGTH = 16  # 80 random bits

_PENDING = text("update account set totp_pending = :sealed where id = :id")
_READ = text(
    "select totp_sealed, totp_pending, totp_step from account where id = :id for no key update"
)
_ENROL = text(
    "update account set totp_sealed = totp_pending, totp_pending = null, totp_step = :step"
    " where id = :id"
)
_STEP = text("update account set totp_step = :step where id = :id")
_OFF = text("update account set totp_sealed = null, totp_pending = null where id = :id")
_FORGET = text("delete from recovery_code where account_id = :id")
_KEEP = text(
    "insert into recovery_code (sha256, account_id, created_at)"
    " select sha256, :id, :now from unnest(cast(:hashes as text[])) sha256"
)
_RECOVER = text(
    "update recovery_code set used_at = :now"
    " where sha256 = :sha256 and account_id = :id and used_at is null returning 1"
)
_LEFT = text("select count(*) from recovery_code where account_id = :id and used_at is null")


def _context(account_id: str) -> str:
    return f"account:{account_id}:totp"


async def begin(session: AsyncSession, account_id: str, vault: Vault) -> str:
    """A new secret for the person to scan; it counts once they have shown a code of it."""
    secret = totp.new_secret()
    sealed = vault.seal(secret, _context(account_id))
    await run(session, _PENDING, {"id": account_id, "sealed": sealed})
    return secret


async def pending(session: AsyncSession, account_id: str, vault: Vault) -> str | None:
    """The secret that was shown and not yet proved."""
    row = await _read(session, account_id)
    return vault.open(row.totp_pending, _context(account_id)) if row.totp_pending else None


async def enrol(
    session: AsyncSession, account_id: str, code: str, vault: Vault
) -> list[str] | None:
    """Turn the second factor on if `code` is one of the secret that was shown.

    The recovery codes, which are never shown again; None for another code.
    """
    row = await _read(session, account_id)
    if row.totp_pending is None:
        return None
    secret = vault.open(row.totp_pending, _context(account_id))
    step = totp.step_of(secret, code, clock.now().timestamp())
    if step is None:
        return None
    await run(session, _ENROL, {"id": account_id, "step": step})
    return await renew_recovery(session, account_id)


async def renew_recovery(session: AsyncSession, account_id: str) -> list[str]:
    """Eight fresh codes; earlier ones are void."""
    fresh = [codes.fresh(_RECOVERY_LENGTH) for _ in range(_RECOVERY)]
    row = {"id": account_id, "hashes": [_sha256(code) for code in fresh], "now": clock.now()}
    await run(session, _FORGET, row)
    await run(session, _KEEP, row)
    return [codes.grouped(code) for code in fresh]


async def use(session: AsyncSession, account_id: str, code: str, vault: Vault) -> bool:
    """Whether `code` is the telephone's at this moment, or one on paper; either counts once."""
    row = await _read(session, account_id)
    if row.totp_sealed is None:
        return False
    secret = vault.open(row.totp_sealed, _context(account_id))
    step = totp.step_of(secret, code, clock.now().timestamp())
    if step is not None and step > row.totp_step:
        await run(session, _STEP, {"id": account_id, "step": step})
        return True
    key = {"id": account_id, "sha256": _sha256(codes.plain(code)), "now": clock.now()}
    return (await run(session, _RECOVER, key)).one_or_none() is not None


async def turn_off(session: AsyncSession, account_id: str) -> None:
    """Forget secret and codes."""
    await run(session, _OFF, {"id": account_id})
    await run(session, _FORGET, {"id": account_id})


async def recovery_left(session: AsyncSession, account_id: str) -> int:
    """How many codes on paper are still good."""
    found: int = (await run(session, _LEFT, {"id": account_id})).scalar_one()
    return found


async def _read(session: AsyncSession, account_id: str) -> Any:
    return (await run(session, _READ, {"id": account_id})).one()


def _sha256(code: str) -> str:
    return hashlib.sha256(f"recovery:{code}".encode()).hexdigest()

"""Endings: what must die when a person, a client or an organisation may no longer act.

Each is called in the transaction of the act, so that both happen or neither.
"""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import run
from gateway.issuer.cutoffs import cut_off

_END_FAMILIES = (
    "update refresh_family set ended_at = :now, end_reason = :reason where ended_at is null and "
)
_END_SIGN_INS = "update sign_in set ended_at = :now where ended_at is null and "
_ALONE = text("select id from account where id = :of for update")
_ALONE_OF_SIGN_IN = text(
    "select id from account where id = (select account_id from sign_in where sha256 = :of)"
    " for update"
)
_OF_PERSON = text(f"{_END_FAMILIES} account_id = :of")
_OF_CLIENT = text(f"{_END_FAMILIES} client_id = :of")
_SIGN_INS = text(f"{_END_SIGN_INS} account_id = :of")
_SIGN_IN = text(f"{_END_SIGN_INS} sha256 = :of")
_OF_SIGN_IN = text(f"{_END_FAMILIES} sign_in_sha256 = :of returning id")
_FAMILY = text(f"{_END_FAMILIES} id = :of")
_OF_BOTH = text(f"{_END_FAMILIES} client_id = :of and account_id = :account_id returning id")
_CLIENTS = text("select id from client where organisation_id = :of order by id")
_OTHER_SIGN_INS = text(f"{_END_SIGN_INS} account_id = :of and sha256 <> :but")
_OTHER_FAMILIES = text(
    f"{_END_FAMILIES} account_id = :of and sign_in_sha256 is distinct from :but returning id"
)
_VOID_CODES = text(
    "update one_time_code set used_at = :now where account_id = :of and used_at is null"
)


async def end_person(session: AsyncSession, account_id: str, reason: str) -> None:
    """Sign a person out everywhere: browsers, authorizations, tokens, codes not yet used."""
    await session.flush()
    row = {"of": account_id, "now": clock.now()}
    await run(session, _ALONE, row)  # whoever signs in shares this lock: before us, or after
    await run(session, _OF_PERSON, row | {"reason": reason})
    await run(session, _SIGN_INS, row)
    await run(session, _VOID_CODES, row)
    await cut_off(session, f"sub:{account_id}")


async def end_client(session: AsyncSession, client_id: str, reason: str) -> None:
    """Take back whatever a client was given, for itself and in the names of persons."""
    await session.flush()
    await run(session, _OF_CLIENT, {"of": client_id, "now": clock.now(), "reason": reason})
    await cut_off(session, f"client:{client_id}")


async def end_organisation(session: AsyncSession, organisation_id: str) -> None:
    """End the tokens of all who act for an organisation, and those that its applications hold for
    persons of others; while it is suspended none gets new ones.

    Authorizations stay: they work again once the organisation does.
    """
    await cut_off(session, f"org:{organisation_id}")
    for client_id in (await run(session, _CLIENTS, {"of": organisation_id})).scalars():
        await cut_off(session, f"client:{client_id}")


async def end_sign_in(session: AsyncSession, sha256: str, reason: str) -> None:
    """One browser is signed out, and every application that came in through it."""
    row = {"of": sha256, "now": clock.now()}
    await run(session, _ALONE_OF_SIGN_IN, row)
    await run(session, _SIGN_IN, row)
    ended = await run(session, _OF_SIGN_IN, row | {"reason": reason})
    for family_id in ended.scalars():
        await cut_off(session, f"sid:{family_id}")


async def end_family(session: AsyncSession, family_id: str, reason: str) -> None:
    """One authorization ends, with its tokens."""
    row = {"of": family_id, "now": clock.now(), "reason": reason}
    await run(session, _FAMILY, row)
    await cut_off(session, f"sid:{family_id}")


async def end_of_client_for(
    session: AsyncSession, client_id: str, account_id: str, reason: str
) -> None:
    """A person takes back what they allowed an application."""
    row = {"of": client_id, "account_id": account_id, "now": clock.now(), "reason": reason}
    await run(session, _ALONE, {"of": account_id})
    for family_id in (await run(session, _OF_BOTH, row)).scalars():
        await cut_off(session, f"sid:{family_id}")


async def end_others(session: AsyncSession, account_id: str, but: str, reason: str) -> None:
    """Sign a person out everywhere but in one browser (`but`: its sign-in)."""
    await session.flush()
    row = {"of": account_id, "but": but, "now": clock.now(), "reason": reason}
    await run(session, _ALONE, row)
    await run(session, _OTHER_SIGN_INS, row)
    for family_id in (await run(session, _OTHER_FAMILIES, row)).scalars():
        await cut_off(session, f"sid:{family_id}")

"""Keys that clients publish at an address of their own: read every five minutes, or when asked.

What is read becomes rows like those of uploaded keys, so that nothing else knows the difference
and an address that does not answer takes no key away.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession
from chassis.errors import ValidationFailed
from chassis.jose import TokenRefused, construct
from chassis.keys import thumbprint
from chassis.timers import Timer
from chassis.vault import Vault
from gateway.audit.service import OPERATOR, note
from gateway.client_keys.errors import NoKeyAddress
from gateway.client_keys.repository import ClientKeys
from gateway.client_keys.schemas import Jwk
from gateway.client_keys.service import MOST_ACTIVE, Holder, end, hold_keys, register
from gateway.clients.repository import Clients
from gateway.clients.states import LIFE, ClientAction
from gateway.issuer.models import Client
from gateway.outward import Outward, Unreachable
from gateway.users.letters import tell_managers

log = structlog.get_logger()
_FRESH = timedelta(minutes=5)
_MEMBERS = frozenset({"kty", "crv", "x", "y", "kid", "use", "alg"})


class _Unfit(Exception):
    """Why the keys of a document are not taken: a code."""


async def ask(session: AsyncSession, id: str, *, by: Caller) -> Client:
    """Have a client's key address read within seconds."""
    client = await Clients(session).lock(id)
    client.status = LIFE.move(client.status, ClientAction.CHANGE_PROOFS)
    if client.jwks_uri is None:
        raise NoKeyAddress()
    client.jwks_read_at = None
    note(session, "CLIENT_KEYS_ASKED", Holder(client, await _owner(session, client)).target, by=by)
    return client


async def _owner(session: AsyncSession, client: Client) -> Any:
    return await Clients(session).organisation_of(client)


async def read_due(app: Any) -> int:
    """Read the addresses that are due; how many there were."""
    now = clock.now()
    async with app.state.database.transaction() as session:
        due = await ClientKeys(session).claim_addresses(now, now - _FRESH)
    for id, address in due:
        found = await _fetched(app.state.outward, address)
        async with app.state.database.transaction() as session:
            await take(session, id, address, found, vault=app.state.vault)
    return len(due)


async def _fetched(outward: Outward, address: str) -> list[dict[str, Any]] | str:
    try:
        return keys_in(await outward.get(address))
    except (Unreachable, _Unfit) as error:
        return str(error)


def keys_in(content: bytes) -> list[dict[str, Any]]:
    """The signing keys of a key set, without members that we do not read."""
    try:
        listed = json.loads(content)["keys"]
        wanted = [key for key in listed if key.get("kty") == "EC" and key.get("use") != "enc"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise _Unfit("NOT_A_KEY_SET") from error
    if not 1 <= len(wanted) <= MOST_ACTIVE:
        raise _Unfit("ONE_OR_TWO_KEYS_EXPECTED")
    found = [_checked(key) for key in wanted]
    if any(len({name(key) for key in found}) < len(found) for name in (thumbprint, _kid)):
        raise _Unfit("KEY_REPEATED")
    return found


def _kid(jwk: dict[str, Any]) -> str:
    return str(jwk["kid"])


def _checked(key: dict[str, Any]) -> dict[str, Any]:
    if "d" in key:
        raise _Unfit("PRIVATE_KEY_PUBLISHED")
    try:
        jwk = check(Jwk, {name: key[name] for name in _MEMBERS & key.keys()}).model_dump()
        construct(jwk)
    except (ValidationFailed, TokenRefused, ValueError) as error:
        raise _Unfit("KEY_REFUSED") from error
    return jwk


async def take(
    session: AsyncSession,
    id: str,
    address: str,
    found: Sequence[dict[str, Any]] | str,
    *,
    vault: Vault,
) -> None:
    """Let a client's keys be those that stand at its address; or remember why they are not."""
    kids = [] if isinstance(found, str) else [key["kid"] for key in found]
    clients = Clients(session)
    await hold_keys(session, await clients.get(id), *kids)
    client = await clients.lock(id)
    if client.jwks_uri != address or ClientAction.CHANGE_PROOFS not in LIFE.allowed(client.status):
        return  # it has changed while we were reading
    holder = Holder(client, await clients.organisation_of(client))
    try:
        if isinstance(found, str):
            raise _Unfit(found)
        await _replace(session, holder, found, vault)
        client.jwks_error = None
    except _Unfit as unfit:
        client.jwks_error = str(unfit)
        log.warning("keys_not_taken", client_id=id, why=str(unfit))


async def _replace(
    session: AsyncSession, holder: Holder, found: Sequence[dict[str, Any]], vault: Vault
) -> None:
    keys, now = ClientKeys(session), clock.now()
    active = {key.thumbprint: key for key in await keys.active(holder.client.id, now)}
    fresh = [jwk for jwk in found if thumbprint(jwk) not in active]
    if await keys.known([thumbprint(jwk) for jwk in fresh]):
        raise _Unfit("KEY_KNOWN")
    if await keys.names_taken(holder.owner.id, [jwk["kid"] for jwk in fresh]):
        raise _Unfit("KID_TAKEN")
    here = {thumbprint(jwk) for jwk in found}
    gone = [key for key in active.values() if key.thumbprint not in here]
    for key in gone:
        await end(session, holder, key, now)
    for jwk in fresh:
        register(session, holder, jwk)
        await tell_managers(session, holder.owner, holder.client.name, vault=vault)
    if fresh or gone:
        told = {"added": [jwk["kid"] for jwk in fresh], "ended": [key.kid for key in gone]}
        note(session, "CLIENT_KEYS_READ", holder.target, by=OPERATOR, **told)


timer = Timer("client_keys", 5.0, read_due)

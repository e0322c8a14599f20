"""What happens to clients: registered, changed, suspended, closed. Reads like minutes."""

from collections.abc import Collection
from typing import Any

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession
from chassis.errors import Finding, NotFound, ValidationFailed
from chassis.patches import merged
from chassis.versions import demand, expect
from gateway.accounts.models import Organisation
from gateway.audit.service import Target, note
from gateway.client_keys.service import Holder, end_all, hold_keys
from gateway.clients.repository import Clients
from gateway.clients.rules import Wish, is_itself, is_within_reach, refusals
from gateway.clients.schemas import ActWrite, ClientFilter, ClientPatch, ClientWrite
from gateway.clients.states import LIFE, ClientAction
from gateway.grants import service as grants
from gateway.issuer.cutoffs import cut_off
from gateway.issuer.endings import end_client
from gateway.issuer.models import AuthMethod, Client
from gateway.names import new_name
from gateway.organisations import records as organisations
from gateway.plane.callers import ADMIN, MANAGE
from gateway.texts import shown
from gateway.users.errors import BeyondYourRights

_LISTS = ("grant_types", "scopes", "roles", "territory")
# What a token says of its client: tokens that say something else end.
_CARRIED = ("scopes", "roles", "territory", "tier")


def in_control(client: Client, caller: Caller) -> Client:
    """The client, for administrators of the platform, managers of its organisation, and the
    machine itself; else 404."""
    is_own = caller.organisation_id == client.organisation_id
    if caller.has(ADMIN) or (is_own and caller.has(MANAGE)) or is_itself(client, caller):
        return client
    raise NotFound()


def narrowed(wanted: ClientFilter, caller: Caller) -> ClientFilter:
    """What a caller may list of it: a manager only what is of their own organisation."""
    if caller.has(ADMIN):
        return wanted
    own = caller.organisation_id
    asked = wanted.organisation_id or own
    return wanted.model_copy(update={"organisation_id": own if asked == own else ""})


def target(client: Client) -> Target:
    """The client in the audit trail."""
    return Target("CLIENT", client.id, client.organisation_id)


async def register(
    session: AsyncSession, wish: ClientWrite, *, by: Caller, tiers: Collection[str]
) -> Client:
    """A new client; it cannot come in before it has a secret or a key."""
    owner = await _receiving(session, wish.organisation_id)
    _allow(Wish(wish, wish.auth_method, owner, tiers))
    id = new_name("client")
    client = Client(
        **_kept(wish),
        id=id,
        sub=id,
        organisation_id=owner.id,
        auth_method=wish.auth_method,
        is_demo=owner.is_demo,
        created_at=clock.now(),
    )
    Clients(session).add(client)
    note(session, "CLIENT_REGISTERED", target(client), by=by, scopes=client.scopes)
    return client


async def _receiving(session: AsyncSession, organisation_id: str) -> Organisation:
    try:
        return await organisations.receiving(session, organisation_id)
    except NotFound:
        refusal = Finding(code="ORGANISATION_UNKNOWN", pointer="/organisation_id")
        raise ValidationFailed(findings=[refusal]) from None


def _allow(wish: Wish) -> None:
    found = refusals(wish)
    if found:
        raise ValidationFailed(findings=found)


def _kept(said: ClientPatch) -> dict[str, Any]:
    kept = said.model_dump(include=set(ClientPatch.model_fields))
    return kept | {name: shown(kept[name]) for name in _LISTS}


async def edit(
    session: AsyncSession,
    id: str,
    patch: dict[str, Any],
    *,
    version: int | None,
    by: Caller,
    tiers: Collection[str],
) -> Client:
    """Change what a client may ask for: RFC 7396 merge patch."""
    clients = Clients(session)
    client = await clients.lock(id)
    before = client.model_dump(include=set(ClientPatch.model_fields))
    wish = check(ClientPatch, merged(before, patch))
    demand(version, client.version)
    client.status = LIFE.move(client.status, ClientAction.EDIT)
    owner = await clients.organisation_of(client)
    _allow(Wish(wish, AuthMethod(client.auth_method), owner, tiers))
    kept = _kept(wish)
    for name, value in kept.items():
        setattr(client, name, value)
    if kept["jwks_uri"] != before["jwks_uri"]:
        client.jwks_read_at = client.jwks_error = None
    if any(kept[name] != before[name] for name in _CARRIED):
        await cut_off(session, f"client:{id}")
    client.version += 1
    told = {"fields": sorted(patch), "scopes": client.scopes, "roles": client.roles}
    note(session, "CLIENT_EDITED", target(client), by=by, **told)
    return client


async def act(
    session: AsyncSession,
    id: str,
    action: ClientAction,
    said: ActWrite,
    *,
    version: int | None,
    by: Caller,
) -> Client:
    """Suspend, reactivate or close a client; what it held ends at once."""
    clients = Clients(session)
    await hold_keys(session, await clients.get(id))
    client = await clients.lock(id)
    if not is_within_reach(client, by):
        raise BeyondYourRights()
    expect(version, client.version)
    client.status = LIFE.move(client.status, action)
    client.version += 1
    if action != ClientAction.REACTIVATE:
        await end_client(session, id, action.value)
    if action == ClientAction.CLOSE:
        await _close(session, client)
    note(session, f"CLIENT_{action}", target(client), by=by, reason=said.reason.value)
    return client


async def _close(session: AsyncSession, client: Client) -> None:
    clients, now = Clients(session), clock.now()
    for secret in await clients.secrets_at(client.id, now):
        secret.revoke_at = now
    await grants.drop_all(session, client.id)
    await end_all(session, Holder(client, await clients.organisation_of(client)))

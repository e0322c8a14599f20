"""What happens to the keys of clients: uploaded with a proof, replaced, revoked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, ValidationFailed
from chassis.jose import TokenRefused
from chassis.keys import thumbprint
from chassis.vault import Vault
from chassis.versions import expect
from gateway.accounts.models import Organisation
from gateway.audit.service import Target, note
from gateway.client_keys.errors import KeyKnown, KeysAtAddress, KidTaken, TwoKeysAlready
from gateway.client_keys.repository import ClientKeys
from gateway.client_keys.rules import Proof, proved
from gateway.client_keys.schemas import KeyRevocation, KeyWrite
from gateway.clients.errors import OtherProofExpected
from gateway.clients.repository import Clients
from gateway.clients.rules import is_within_reach
from gateway.clients.states import LIFE, ClientAction
from gateway.events import LenderKeyRegistered, LenderKeyRevoked, outbox
from gateway.issuer.cutoffs import cut_off
from gateway.issuer.models import AuthMethod, Client, ClientKey
from gateway.users.errors import BeyondYourRights
from gateway.users.letters import tell_managers

MOST_ACTIVE = 2
_FARTHEST = timedelta(days=400)


@dataclass(frozen=True)
class Holder:
    """A client, and whose it is."""

    client: Client
    owner: Organisation

    @property
    def target(self) -> Target:
        """The client in the audit trail."""
        return Target("CLIENT", self.client.id, self.owner.id)


def subject(client_id: str, kid: str) -> str:
    """What a lender's key is called in events."""
    return f"{client_id}/{kid}"


async def hold_keys(session: AsyncSession, client: Client, *kids: str) -> None:
    """Hold a client and what is said about its keys, these and all that it has."""
    # names are one organisation's: two of its clients must not give the same one at once
    await hold(session, f"client/{client.id}", f"keys_of/{client.organisation_id}")
    known = [key.kid for key in await ClientKeys(session).of(client.id)]
    names = {subject(client.id, kid) for kid in (*known, *kids)}
    await hold(session, *(f"lender_key/{name}" for name in names))


async def upload(
    session: AsyncSession,
    client: Client,
    said: KeyWrite,
    *,
    version: int | None,
    by: Caller,
    issuer: str,
    vault: Vault,
) -> ClientKey:
    """A new key, beside one that it will replace; its holder has proved to hold it."""
    await hold_keys(session, client, said.jwk.kid)
    holder = await _changing(session, client.id, version, by)
    if holder.client.jwks_uri is not None:
        raise KeysAtAddress()
    jwk = said.jwk.model_dump()
    await _prove(session, said, Proof(client.id, issuer))
    keys = ClientKeys(session)
    if await keys.known([thumbprint(jwk)]):
        raise KeyKnown()
    if await keys.names_taken(holder.owner.id, [said.jwk.kid]):
        raise KidTaken()
    if len(await keys.active(client.id, clock.now())) >= MOST_ACTIVE:
        raise TwoKeysAlready()
    key = register(session, holder, jwk)
    holder.client.version += 1
    note(session, "CLIENT_KEY_ADDED", holder.target, by=by, kid=key.kid)
    await tell_managers(session, holder.owner, holder.client.name, vault=vault)
    return key


async def _changing(session: AsyncSession, id: str, version: int | None, by: Caller) -> Holder:
    clients = Clients(session)
    client = await clients.lock(id)
    if not is_within_reach(client, by):
        raise BeyondYourRights()
    expect(version, client.version)
    client.status = LIFE.move(client.status, ClientAction.CHANGE_PROOFS)
    if client.auth_method != AuthMethod.PRIVATE_KEY:
        raise OtherProofExpected(auth_method=client.auth_method.value)
    return Holder(client, await clients.organisation_of(client))


async def _prove(session: AsyncSession, said: KeyWrite, wanted: Proof) -> None:
    try:
        claims = await proved(said.proof, said.jwk.model_dump(), wanted)
    except TokenRefused as refused:
        raise _refused(refused.claim) from None
    if not await ClientKeys(session).use_once(wanted.client_id, claims):
        raise _refused("jti")


def _refused(claim: str) -> ValidationFailed:
    # what a token's own text may hold is not said back
    named = claim.removeprefix("missing:")
    finding = Finding(code="PROOF_REFUSED", pointer="/proof", params={"claim": named})
    return ValidationFailed(findings=[finding])


def register(session: AsyncSession, holder: Holder, jwk: dict[str, str]) -> ClientKey:
    """Keep a key; if its holder is a lender, those who verify its signatures hear of it."""
    key = ClientKeys(session).add(
        ClientKey(
            client_id=holder.client.id,
            kid=jwk["kid"],
            thumbprint=thumbprint(jwk),
            jwk=jwk,
            created_at=clock.now(),
        )
    )
    if holder.owner.lender_id is not None:
        event = LenderKeyRegistered(
            lender_id=UUID(holder.owner.lender_id),
            client_id=key.client_id,
            kid=key.kid,
            jwk=jwk,
            valid_from=key.created_at,
            revoke_at=None,
        )
        outbox.publish(session, subject(key.client_id, key.kid), event)
    return key


async def revoke(
    session: AsyncSession, client: Client, said: KeyRevocation, *, version: int | None, by: Caller
) -> ClientKey:
    """A key ends, now or at a date; tokens that it obtained end with it."""
    await hold_keys(session, client)
    holder = await _changing(session, client.id, version, by)
    key = await ClientKeys(session).named(client.id, said.kid)
    if key is None:
        raise ValidationFailed(findings=[Finding(code="KEY_UNKNOWN", pointer="/kid")])
    await end(session, holder, key, ending(said.revoke_at, key.revoke_at))
    holder.client.version += 1
    told = {"kid": key.kid, "revoke_at": clock.wire(_ended(key))}
    note(session, "CLIENT_KEY_REVOKED", holder.target, by=by, **told)
    return key


def ending(wanted: datetime | None, present: datetime | None) -> datetime:
    """When something ends: never in the past, and never later than it was to end before."""
    now = clock.now()
    at = wanted or min(now, present or now)
    if wanted is not None and not now <= wanted <= min(now + _FARTHEST, present or wanted):
        raise ValidationFailed(findings=[Finding(code="DATE_OUT_OF_RANGE", pointer="/revoke_at")])
    return at


async def end(session: AsyncSession, holder: Holder, key: ClientKey, at: datetime) -> None:
    """A key ends at that moment."""
    if key.revoke_at is not None and key.revoke_at <= at:
        return
    key.revoke_at = at
    if at <= clock.now():
        await cut_off(session, f"client:{key.client_id}")
    if holder.owner.lender_id is not None:
        event = LenderKeyRevoked(
            lender_id=UUID(holder.owner.lender_id),
            client_id=key.client_id,
            kid=key.kid,
            revoke_at=at,
        )
        outbox.publish(session, subject(key.client_id, key.kid), event)


def _ended(key: ClientKey) -> datetime:
    assert key.revoke_at is not None  # noqa: S101  it was ended just before
    return key.revoke_at


async def end_all(session: AsyncSession, holder: Holder) -> None:
    """Every key of a client that closes; hold them before (`hold_keys`)."""
    now = clock.now()
    for key in await ClientKeys(session).active(holder.client.id, now):
        await end(session, holder, key, now)

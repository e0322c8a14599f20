"""Secrets of clients: shown once, kept as SHA-256, replaced side by side."""

import secrets
from datetime import timedelta

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.versions import expect
from gateway.audit.service import note
from gateway.client_keys.service import ending
from gateway.clients.errors import OtherProofExpected, TwoSecretsAlready
from gateway.clients.repository import Clients
from gateway.clients.rules import is_within_reach
from gateway.clients.schemas import SecretRevocation, SecretWrite
from gateway.clients.service import target
from gateway.clients.states import LIFE, ClientAction
from gateway.issuer.clients import secret_sha256
from gateway.issuer.cutoffs import cut_off
from gateway.issuer.models import AuthMethod, Client, ClientSecret
from gateway.users.errors import BeyondYourRights

_MOST = 2
_OVERLAP = timedelta(days=7)
_LONGEST_OVERLAP = timedelta(days=90)


def first(session: AsyncSession, client: Client) -> str:
    """The secret of a new client."""
    _, plain = _new(session, client)
    return plain


def _new(session: AsyncSession, client: Client) -> tuple[ClientSecret, str]:
    plain = secrets.token_urlsafe(32)
    kept = ClientSecret(sha256=secret_sha256(plain), client_id=client.id, created_at=clock.now())
    session.add(kept)
    return kept, plain


async def rotate(
    session: AsyncSession, id: str, said: SecretWrite, *, version: int | None, by: Caller
) -> tuple[Client, ClientSecret, str]:
    """A new secret beside the present one, which ends at a date; the plain text is told once."""
    client = await _changing(session, id, version, by)
    now = clock.now()
    live = await Clients(session).secrets_at(id, now)
    if len(live) >= _MOST:
        raise TwoSecretsAlready()
    ends = said.previous_ends_at or now + _OVERLAP
    if not now < ends <= now + _LONGEST_OVERLAP:
        refusal = Finding(code="DATE_OUT_OF_RANGE", pointer="/previous_ends_at")
        raise ValidationFailed(findings=[refusal])
    for previous in live:
        previous.revoke_at = min(ends, previous.revoke_at or ends)
    kept, plain = _new(session, client)
    client.version += 1
    note(session, "CLIENT_SECRET_ADDED", target(client), by=by, secret_id=str(kept.id))
    return client, kept, plain


async def revoke(
    session: AsyncSession, id: str, said: SecretRevocation, *, version: int | None, by: Caller
) -> tuple[Client, ClientSecret]:
    """A secret ends, now or at a date; tokens that it obtained end with it."""
    client = await _changing(session, id, version, by)
    secret = await Clients(session).secret(id, said.secret_id)
    if secret is None:
        raise ValidationFailed(findings=[Finding(code="SECRET_UNKNOWN", pointer="/secret_id")])
    secret.revoke_at = ending(said.revoke_at, secret.revoke_at)
    if secret.revoke_at <= clock.now():
        await cut_off(session, f"client:{id}")
    client.version += 1
    told = {"secret_id": str(secret.id), "revoke_at": clock.wire(secret.revoke_at)}
    note(session, "CLIENT_SECRET_REVOKED", target(client), by=by, **told)
    return client, secret


async def _changing(session: AsyncSession, id: str, version: int | None, by: Caller) -> Client:
    client = await Clients(session).lock(id)
    if not is_within_reach(client, by):
        raise BeyondYourRights()
    expect(version, client.version)
    client.status = LIFE.move(client.status, ClientAction.CHANGE_PROOFS)
    if client.auth_method != AuthMethod.SECRET:
        raise OtherProofExpected(auth_method=client.auth_method)
    return client

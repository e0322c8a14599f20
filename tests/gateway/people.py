"""Persons and applications of a test's own, so that no test disturbs another's."""

import secrets
from typing import Any

from chassis import clock
from gateway.accounts.models import Account, AccountStatus, Organisation, OrganisationKind
from gateway.issuer.clients import secret_sha256
from gateway.issuer.models import AuthMethod, Client, ClientSecret
from tests.gateway.world import Gateway

PASSWORD = "cinq-baobabs-et-un-puits"  # of every person here: hashing one costs 60 ms
_hashed: list[str] = []


async def _password_hash(gateway: Gateway) -> str:
    if not _hashed:
        _hashed.append(await gateway.app.state.passwords.hash(PASSWORD))
    return _hashed[0]


async def new_organisation(gateway: Gateway) -> str:
    id = f"org-{secrets.token_hex(6)}"
    async with gateway.app.state.database.transaction() as session:
        kind = OrganisationKind.DEVELOPER
        session.add(Organisation(id=id, kind=kind, name="Baobab", created_at=clock.now()))
    return id


async def new_person(gateway: Gateway, *roles: str, **changes: Any) -> dict[str, str]:
    """A person who may sign in; what the demo file says of one, and their `sub`."""
    id = f"user-{secrets.token_hex(6)}"
    row: dict[str, Any] = {
        "id": id,
        "username": f"awa.{id[5:]}",
        "full_name": "Awa Diop",
        "password_hash": await _password_hash(gateway),
        "organisation_id": await new_organisation(gateway),
        "roles": list(roles or ("trainer",)),
        "territory": [],
        "status": AccountStatus.ACTIVE,
        "is_demo": True,  # no second factor is asked of the demonstration
        "created_at": clock.now(),
    } | changes
    async with gateway.app.state.database.transaction() as session:
        session.add(Account(**row))
    return {"username": row["username"], "password": PASSWORD, "sub": id}


async def new_client(gateway: Gateway, **changes: Any) -> dict[str, str]:
    """A confidential application of persons; what the demo file would say of it."""
    id, secret = f"client-{secrets.token_hex(6)}", secrets.token_urlsafe(32)
    row: dict[str, Any] = {
        "id": id,
        "name": "Portail",
        "sub": f"machine-{id}",
        "organisation_id": await new_organisation(gateway),
        "auth_method": AuthMethod.SECRET,
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["https://portail.example/callback"],
        "post_logout_uris": ["https://portail.example/"],
        "scopes": ["training:read", "training:deliver"],
        "roles": [],
        "territory": [],
        "created_at": clock.now(),
    } | changes
    async with gateway.app.state.database.transaction() as session:
        session.add(Client(**row))
        await session.flush()
        if row["auth_method"] == AuthMethod.SECRET:
            kept = secret_sha256(secret)
            session.add(ClientSecret(sha256=kept, client_id=id, created_at=clock.now()))
    uri = row["redirect_uris"][0] if row["redirect_uris"] else ""
    return {"client_id": id, "client_secret": secret, "redirect_uri": uri}

"""`python -m gateway accounts <path>`: make the demo accounts, once."""

import asyncio
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asyncpg import Connection, Record
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.app import Command
from chassis.db import Database, create_engine
from chassis.sql import run
from chassis.vault import Vault
from gateway.accounts import demo
from gateway.accounts.demo import Identity
from gateway.accounts.models import Account, Organisation
from gateway.accounts.passwords import Passwords
from gateway.issuer.models import Client
from gateway.roles import DEMO, PERSONS
from gateway.settings import GatewaySettings
from gateway.users import addresses

Users = dict[str, tuple[dict[str, str], str]]  # by role; with what is kept of the password
_OF_PERSONS = ["authorization_code", "refresh_token"]
_ALONE = text("select pg_advisory_xact_lock(11)")
# what accounts of an earlier version did not have yet
_RENEW = text(
    "update client set grant_types = :grants, post_logout_uris = :after"
    " where is_demo and auth_method = 'none'"
)
_RENEW_SCOPES = text("update client set scopes = :scopes where id = :id and scopes <> :scopes")
_CLIENTS = "client_id in (select id from client where is_demo)"
_ACCOUNTS = "account_id in (select id from account where is_demo)"
_FAMILIES = f"family_id in (select id from refresh_family where {_CLIENTS} or {_ACCOUNTS})"  # noqa: S608
_FORGET = [
    text(f"delete from {table} where {whose}")  # noqa: S608  constants
    for table, whose in (
        *((table, _FAMILIES) for table in demo.OF_FAMILIES),
        *((table, f"{_CLIENTS} or {_ACCOUNTS}") for table in ("refresh_family", "consent")),
        ("access_grant", "organisation_id in (select id from organisation where is_demo)"),
        *((table, _CLIENTS) for table in demo.OF_CLIENTS),
        *((table, _ACCOUNTS) for table in demo.OF_ACCOUNTS),
        ("client", "is_demo"),
        ("account", "is_demo"),
        ("organisation", "is_demo"),
    )
]


async def make_accounts(settings: GatewaySettings, path: Path) -> bool:
    """Whether new accounts were made; those of an existing file are kept if they still hold.

    Earlier demo accounts, whose secrets nobody has any more, are removed. Raises `DemoRefused`
    where demo accounts do not belong.
    """
    demo.check_allowed(settings)
    vault = Vault(settings.vault_file)
    database = Database(create_engine(settings))
    try:
        async with database.transaction() as session:
            kept = await _still_good(session, path)
        # hashing takes long, and a transaction that says nothing meanwhile may be ended
        users = {} if kept else await _new_users()
        async with database.transaction() as session:
            await run(session, _ALONE, {})
            kept = await _still_good(session, path)
            # none yet only where the file was spoilt between the two
            content = kept or await _fresh(session, vault, users or await _new_users())
            await _renew(session, content)
    finally:
        await database.engine.dispose()
    # Only after the commit: a file must never name accounts that do not exist.
    demo.write(path, {"base_url": settings.public_url} | _without_base(content))
    return kept is None


async def _still_good(session: AsyncSession, path: Path) -> dict[str, Any] | None:
    written = demo.read(path)
    return written if written and await demo.is_known(session, written) else None


async def _renew(session: AsyncSession, content: dict[str, Any]) -> None:
    await run(session, _RENEW, {"grants": _OF_PERSONS, "after": [demo.AFTER_LOGOUT]})
    for role, entry in content["clients"].items():
        scopes = demo.scopes_of(role)
        entry["scope"] = " ".join(scopes)
        await run(session, _RENEW_SCOPES, {"id": entry["client_id"], "scopes": list(scopes)})


def command(settings: GatewaySettings) -> Command:
    """`python -m gateway accounts <path>`."""

    async def accounts(_: "Connection[Record]", words: Sequence[str]) -> None:
        """make the demo accounts and write them to a file, unless the file's are still good"""
        if len(words) != 1:
            raise SystemExit("Say where: python -m gateway accounts <path>")
        try:
            is_new = await make_accounts(settings, Path(words[0]))
        except demo.DemoRefused as refusal:
            raise SystemExit(str(refusal)) from refusal
        sys.stdout.write(f"{words[0]}: {'new accounts' if is_new else 'kept as it was'}\n")

    return accounts


def _without_base(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name != "base_url"}


async def _new_users() -> Users:
    users = [_new_user(role) for role in DEMO if role in PERSONS]
    passwords = Passwords()
    hashed = await asyncio.gather(*(passwords.hash(user["password"]) for user in users))
    return {user["username"]: (user, kept) for user, kept in zip(users, hashed, strict=True)}


async def _fresh(session: AsyncSession, vault: Vault, users: Users) -> dict[str, Any]:
    for statement in _FORGET:
        await run(session, statement, {})
    everyone = demo.identities()
    _add_organisations(session, everyone)
    await session.flush()
    clients = {who.role: demo.new_client(who) for who in everyone}
    session.add_all(_client(who, clients[who.role]) for who in everyone)
    await session.flush()
    session.add_all(proof for entry in clients.values() for proof in demo.proofs(entry))
    accounts = [_account(who, *users[who.role]) for who in everyone if who.role in users]
    for account in accounts:  # letters to them end in a developer's folder, or nowhere
        addresses.keep(account, f"{account.username}@demo.example", vault)
    session.add_all(accounts)
    return {"clients": clients, "users": {role: user for role, (user, _) in users.items()}}


def _new_user(role: str) -> dict[str, str]:
    return {"username": role, "password": secrets.token_urlsafe(15)}


def _add_organisations(session: AsyncSession, everyone: Sequence[Identity]) -> None:
    of = {who.organisation_id: who for who in everyone}
    session.add_all(
        Organisation(
            id=id,
            kind=who.organisation_kind,
            name=who.organisation_name,
            lender_id=who.lender_id,
            is_demo=True,
            created_at=clock.now(),
        )
        for id, who in of.items()
    )


def _client(who: Identity, entry: dict[str, Any]) -> Client:
    is_app = who.role == "frontend"
    return Client(
        id=entry["client_id"],
        name=f"{who.role} (demo)",
        sub=who.sub,
        organisation_id=who.organisation_id,
        grant_types=_OF_PERSONS if is_app else ["client_credentials"],
        redirect_uris=[demo.REDIRECT_URI] if is_app else [],
        post_logout_uris=[demo.AFTER_LOGOUT] if is_app else [],
        scopes=list(who.scopes),
        roles=[] if is_app else [who.role],
        territory=[who.territory] if who.territory else [],
        is_demo=True,
        created_at=clock.now(),
        auth_method=demo.auth_method(entry),
    )


def _account(who: Identity, user: dict[str, str], password_hash: str) -> Account:
    return Account(
        id=who.sub,
        username=user["username"],
        password_hash=password_hash,
        organisation_id=who.organisation_id,
        roles=[who.role],
        territory=[who.territory] if who.territory else [],
        is_demo=True,
        created_at=clock.now(),
    )

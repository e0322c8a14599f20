"""`python -m gateway unlock <username>`: forget the failures that keep a person out."""

import sys
from collections.abc import Sequence

from asyncpg import Connection, Record
from sqlalchemy import text

from chassis.app import Command
from chassis.db import Database, create_engine
from chassis.sql import run
from chassis.vault import Vault
from gateway.accounts.models import Account
from gateway.audit.service import OPERATOR, note
from gateway.settings import GatewaySettings
from gateway.signin import attempts, proving
from gateway.users.service import target

_FIND = text("select id from account where username = :name")


def command(settings: GatewaySettings) -> Command:
    """`python -m gateway unlock <username>`."""

    async def unlock(_: "Connection[Record]", words: Sequence[str]) -> None:
        """let a name be tried again at once, after ten failures closed it"""
        if len(words) != 1:
            raise SystemExit("Say who: python -m gateway unlock <username>")
        database = Database(create_engine(settings))
        try:
            await _forget(database, Vault(settings.vault_file), words[0].strip().lower())
        finally:
            await database.engine.dispose()
        sys.stdout.write(f"{words[0]} may be tried again.\n")

    return unlock


async def _forget(database: Database, vault: Vault, name: str) -> None:
    async with database.transaction() as session:
        found = (await run(session, _FIND, {"name": name})).scalar_one_or_none()
        account = await session.get(Account, found) if found else None
        if account is None:
            raise SystemExit("Nobody has that name.")
        await attempts.forget(session, proving.subject_of(vault, name))
        note(session, "USER_UNLOCKED", target(account), by=OPERATOR)

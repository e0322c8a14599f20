"""The role of each service: it enters its database and owns nothing there.

Whoever owns a table can take off the trigger that keeps it append-only. So the tables belong to
another role than the one that serves requests, and only `prepare` is told how to be the owner.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

import asyncpg
from asyncpg import Connection, Record

from local.addresses import Address
from local.errors import CannotRun

_MAY_MAKE_ROLES = """
select rolsuper or rolcreaterole from pg_roles where rolname = current_user
"""
# A town from before owners and services were apart; without such tables it does nothing.
_OWNS = "select 1 from pg_class where relkind = 'r' and pg_get_userbyid(relowner) = $1 limit 1"


@dataclass(frozen=True)
class Access:
    """How each service signs in at its database, and how the owner of its tables does."""

    services: Mapping[str, str]
    owners: Mapping[str, str]

    @property
    def together(self) -> list[str]:
        """The services that own their tables themselves."""
        return [name for name, url in self.services.items() if url == self.owners[name]]


async def ensure_role(admin: "Connection[Record]", name: str, password: str) -> None:
    """A role that may sign in with this password, and nothing else."""
    if not await admin.fetchval("select 1 from pg_roles where rolname = $1", name):
        await admin.execute(f'CREATE ROLE "{name}" LOGIN')
    await admin.execute(f"ALTER ROLE \"{name}\" PASSWORD '{password}'")


async def may_make_roles(server: Address) -> bool:
    """Whether services can be given roles of their own here: the user may make them, and they
    could sign in (a user without a password is let in by who they are, and a role is nobody)."""
    if not server.parts.password:
        return False
    async with server.connected() as admin:
        return bool(await admin.fetchval(_MAY_MAKE_ROLES))


async def let_in(admin: Address, name: str, password: str) -> str:
    """Make the role `name` for the service whose database `admin` names; its URL.

    It has the name of that database. What it once owned goes to whoever owns the database now.
    """
    try:
        async with admin.connected() as connection:
            await ensure_role(connection, name, password)
            await connection.execute(f'REVOKE CONNECT ON DATABASE "{admin.database}" FROM PUBLIC')
            await connection.execute(f'GRANT CONNECT ON DATABASE "{admin.database}" TO "{name}"')
            await _take_over(connection, name)
    except asyncpg.InsufficientPrivilegeError as error:
        raise CannotRun(
            f"{admin.variable}: the user {admin.user} may not make the role {name} anew; let an "
            f'administrator run DROP ROLE "{name}", or GRANT "{name}" TO "{admin.user}" WITH ADMIN '
            "OPTION."
        ) from error
    return _as_role(admin, name, password)


async def _take_over(connection: "Connection[Record]", role: str) -> None:
    if not await connection.fetchval(_OWNS, role):
        return
    owner = await connection.fetchval(
        "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
    )
    await connection.execute(f'REASSIGN OWNED BY "{role}" TO "{owner}"')


def _as_role(admin: Address, role: str, password: str) -> str:
    parts = admin.parts
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(role)}:{password}@{host}").geturl()


def derived_password(server: Address, role: str) -> str:
    """A password that whoever may prepare this server finds again, and that does not tell theirs:
    two machines that prepare one server must not lock each other's processes out."""
    secret = unquote(server.parts.password or "").encode()
    return hashlib.scrypt(secret, salt=f"mboolo {role}".encode(), n=2**14, r=8, p=1)[:24].hex()

"""The four databases of the town, on our own PostgreSQL or on a server that somebody names."""

import re
from collections.abc import Iterable, Mapping

import asyncpg
from asyncpg import Connection, Record

from local.addresses import Address
from local.errors import CannotRun
from local.postgres import Cluster
from local.roles import ensure_role

SERVICES = ("registry", "training", "financing", "gateway")
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")
# Two towns may be set up on one server at once, for example by two containers.
_OUR_TURN = "select pg_advisory_lock(hashtext('mboolo databases'))"


def name_of(service: str, prefix: str = "mboolo") -> str:
    """The database of a service; `prefix` tells one set of databases from another."""
    name = f"{prefix}_{service}"
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(name)
    return name


async def own_databases(cluster: Cluster, services: Iterable[str] = SERVICES) -> dict[str, str]:
    """Make what is missing on our own PostgreSQL: one database and one owner for each service.

    Each owner can enter no other database. Returns service -> URL of the owner.
    """
    names = {service: name_of(service) for service in services}
    server = Address(cluster.url(), "The embedded PostgreSQL")
    async with server.connected() as admin:
        for name in names.values():
            owner = f"{name}_owner"
            await ensure_role(admin, owner, cluster.record.password(owner))
            await _ensure_database(admin, name, server)
            await admin.execute(f'ALTER DATABASE "{name}" OWNER TO "{owner}"')
            await admin.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
            await ensure_extensions(server.to(name))
    return {service: cluster.url(name, f"{name}_owner") for service, name in names.items()}


async def databases_on(
    server: Address | None, given: Mapping[str, Address], prefix: str = "mboolo"
) -> dict[str, str]:
    """Make what is missing on a named server, as its user; `given` ones are taken as they are.

    Returns service -> URL; without a server, only for what is given.
    """
    addresses = dict(given)
    wanting = [service for service in SERVICES if service not in given]
    if server and wanting:
        addresses |= await _ensure_databases(server, wanting, prefix)
    for address in addresses.values():
        await ensure_extensions(address)
    return {service: address.url for service, address in addresses.items()}


async def _ensure_databases(
    server: Address, services: list[str], prefix: str
) -> dict[str, Address]:
    names = {service: name_of(service, prefix) for service in services}
    async with server.connected() as admin:
        await admin.execute(_OUR_TURN)
        for name in names.values():
            await _ensure_database(admin, name, server)
    return {service: server.to(name) for service, name in names.items()}


async def _ensure_database(admin: "Connection[Record]", name: str, server: Address) -> None:
    if await admin.fetchval("select 1 from pg_database where datname = $1", name):
        return
    try:
        await admin.execute(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
    except asyncpg.InsufficientPrivilegeError as error:
        raise CannotRun(
            f"{server.variable}: the user {server.user} may not create the database {name}; let an "
            f'administrator run ALTER ROLE "{server.user}" CREATEDB, or create the databases and '
            "name them in REGISTRY_DATABASE_URL, TRAINING_DATABASE_URL and so on."
        ) from error


async def ensure_extensions(address: Address) -> None:
    """Install the extensions that the schemas use into one database."""
    async with address.connected() as connection:
        for extension in EXTENSIONS:
            await _ensure_extension(connection, extension, address)


async def _ensure_extension(
    connection: "Connection[Record]", extension: str, address: Address
) -> None:
    try:
        await connection.execute(f'CREATE EXTENSION IF NOT EXISTS "{extension}"')
    except asyncpg.InsufficientPrivilegeError as error:
        raise CannotRun(
            f"{address.variable}: the user {address.user} may not install the extension "
            f'{extension}; let an administrator run CREATE EXTENSION "{extension}" in '
            f"{address.database}."
        ) from error
    except (asyncpg.FeatureNotSupportedError, asyncpg.UndefinedFileError) as error:
        raise CannotRun(
            f"{address.variable}: the server does not have the extension {extension}; "
            "on Debian it comes with the package postgresql-contrib."
        ) from error


async def copy_databases(server: Address, source: str, prefix: str) -> dict[str, str]:
    """Copy the four databases of the prefix `source`, schema and rows, to another prefix.

    Nobody may be connected to the originals. Returns service -> URL.
    """
    async with server.connected() as admin:
        for service in SERVICES:
            original, copy = name_of(service, source), name_of(service, prefix)
            await admin.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    return {service: server.to(name_of(service, prefix)).url for service in SERVICES}


async def drop_databases(server: Address, prefix: str) -> None:
    """Drop the four databases of a prefix, breaking off who is still connected."""
    async with server.connected() as admin:
        for service in SERVICES:
            name = name_of(service, prefix)
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

"""Four databases: made once, each with its owner, on our own server or on somebody's."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from local.addresses import Address
from local.databases import (
    EXTENSIONS,
    SERVICES,
    copy_databases,
    databases_on,
    drop_databases,
    own_databases,
)
from local.errors import CannotRun
from local.postgres import Cluster
from local.trial import free_ports

PASSWORD = "s3cret"


async def _fetch(url: str, query: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def fetch(url: str, query: str) -> Any:
    """The single value of a query."""
    return asyncio.run(_fetch(url, query))


@pytest.fixture(scope="module")
def urls(server: Cluster) -> dict[str, str]:
    return asyncio.run(own_databases(server))


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_owns_its_database_and_finds_its_extensions(
    urls: dict[str, str], service: str
) -> None:
    owner = "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
    found = "select array_agg(extname::text) from pg_extension"

    assert fetch(urls[service], "select current_user") == f"mboolo_{service}_owner"
    assert fetch(urls[service], owner) == f"mboolo_{service}_owner"
    assert set(EXTENSIONS) <= set(fetch(urls[service], found))
    assert not fetch(urls[service], "select rolsuper from pg_roles where rolname = current_user")


def test_a_service_cannot_enter_the_database_of_another(urls: dict[str, str]) -> None:
    trespass = urls["training"].replace("/mboolo_training?", "/mboolo_registry?")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        fetch(trespass, "select 1")


def test_making_the_databases_again_keeps_what_they_hold(
    server: Cluster, urls: dict[str, str]
) -> None:
    fetch(urls["registry"], "create table kept as select 5 as n")

    assert asyncio.run(own_databases(server)) == urls
    assert fetch(urls["registry"], "select n from kept") == 5


def test_sqlalchemy_understands_the_address_of_a_socket(urls: dict[str, str]) -> None:
    async def ask() -> object:
        engine = create_async_engine(urls["registry"].replace("://", "+asyncpg://", 1))
        async with engine.connect() as connection:
            answer = await connection.scalar(text("select current_database()"))
        await engine.dispose()
        return answer

    assert asyncio.run(ask()) == "mboolo_registry"


def test_a_set_of_databases_is_copied_with_its_rows_and_dropped(server: Cluster) -> None:
    admin = Address(server.url())
    originals = asyncio.run(databases_on(admin, {}, prefix="original"))
    fetch(originals["gateway"], "create table seeded as select 3 as n")

    copies = asyncio.run(copy_databases(admin, "original", "worker_1"))
    assert fetch(copies["gateway"], "select n from seeded") == 3

    asyncio.run(drop_databases(admin, "worker_1"))
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        fetch(copies["gateway"], "select 1")


def test_a_database_that_is_named_for_a_service_is_taken_as_it_is(server: Cluster) -> None:
    admin = Address(server.url())
    fetch(server.url(), "create database theirs")
    theirs = Address(admin.to("theirs").url, "TRAINING_DATABASE_URL")

    urls = asyncio.run(databases_on(admin, {"training": theirs}, prefix="mixed"))

    assert urls["training"] == theirs.url
    assert not fetch(server.url(), "select 1 from pg_database where datname = 'mixed_training'")
    assert fetch(urls["registry"], "select current_database()") == "mixed_registry"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("localhost:5432", "is not an address of PostgreSQL"),
        ("mysql://cps:s3cret@localhost/", "is not an address of PostgreSQL"),
        ("postgresql://cps:s3cret@localhost:post/", "is not an address of PostgreSQL"),
        ("postgresql://cps:12#s3cret@localhost/", "has a password in which / \\? or # is not"),
        ("postgresql://cps:s3cret@nowhere.invalid/", "names nowhere.invalid, which cannot be"),
        ("postgresql://cps:s3cret@127.0.0.1:{port}/", "which cannot be reached: nobody listens"),
        ("postgresql://postgres:s3cret@{socket}", "has a wrong user \\(postgres\\) or password"),
        ("postgresql://modest:s3cret@{socket}", 'ALTER ROLE "modest" CREATEDB'),
    ],
)
def test_a_wrong_address_is_explained_without_its_password(
    server: Cluster, url: str, complaint: str
) -> None:
    fetch(server.url(), "drop role if exists modest")
    fetch(server.url(), f"create role modest login password '{PASSWORD}'")
    socket = f"/postgres?{urlsplit(server.url()).query}"
    written = url.format(port=free_ports()["GATEWAY_PORT"], socket=socket)

    with pytest.raises(CannotRun, match=complaint) as refusal:
        asyncio.run(databases_on(Address(written), {}, prefix="refused"))

    sentence = str(refusal.value)
    assert sentence.startswith("DATABASE_URL")
    assert PASSWORD not in sentence
    assert "\n" not in sentence


def test_an_extension_that_may_not_be_installed_is_named(server: Cluster) -> None:
    fetch(server.url(), "create role tenant login password 's3cret'")
    fetch(server.url(), "create database let")
    url = f"postgresql://tenant:s3cret@/let?{urlsplit(server.url()).query}"

    with pytest.raises(CannotRun, match="GATEWAY_DATABASE_URL: the user tenant may not install"):
        asyncio.run(databases_on(None, {"gateway": Address(url, "GATEWAY_DATABASE_URL")}))

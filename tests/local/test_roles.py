"""Who serves does not own: a role for each service, beside the owner of its tables."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from local.access import reach
from local.addresses import Address
from local.databases import SERVICES
from local.errors import CannotRun
from local.plan import Plan
from local.postgres import Cluster
from local.roles import Access, derived_password, let_in, may_make_roles
from tests.local.test_databases import fetch


def plan(cluster: Cluster, **changes: object) -> Plan:
    return Plan(**{"folder": cluster.data, "server": None, "given": {}, "demo": False, **changes})  # type: ignore[arg-type]


@pytest.fixture
def access(server: Cluster) -> Access:
    return asyncio.run(reach(plan(server), server))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_enters_its_own_database_and_owns_nothing(access: Access, service: str) -> None:
    url = access.services[service]
    assert fetch(url, "select current_user") == f"mboolo_{service}"
    assert fetch(access.owners[service], "select current_user") == f"mboolo_{service}_owner"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        fetch(url, "create table mine (n int)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        fetch(url, f"set role mboolo_{service}_owner")
    other = SERVICES[SERVICES.index(service) - 1]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        fetch(url.replace(f"/mboolo_{service}?", f"/mboolo_{other}?"), "select 1")


def test_what_a_service_owned_in_an_older_town_goes_to_its_owner(
    server: Cluster, access: Access
) -> None:
    fetch(server.url("mboolo_training"), "create table old as select 7 as n")
    fetch(server.url("mboolo_training"), "alter table old owner to mboolo_training")
    again = asyncio.run(reach(plan(server), server))
    assert (again.services, again.owners) == (access.services, access.owners)
    assert fetch(again.owners["training"], "select n from old") == 7
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        fetch(again.services["training"], "drop table old")


def test_on_a_named_server_each_service_has_a_role_whoever_prepares_it(server: Cluster) -> None:
    named = plan(server, server=Address(server.url()))
    first, second = (asyncio.run(reach(named, None)) for _ in range(2))
    assert first == second
    assert not first.together
    assert fetch(first.services["gateway"], "select current_user") == "mboolo_gateway"
    assert server.record.password("postgres") not in first.services["gateway"]


def test_a_user_who_may_make_no_role_serves_as_the_owner_and_it_is_said(server: Cluster) -> None:
    fetch(server.url(), "create role plain login createdb password 'plain'")
    plain = server.url().replace(server.url().split("@")[0], "postgresql://plain:plain")
    assert not asyncio.run(may_make_roles(Address(plain)))
    assert not asyncio.run(may_make_roles(Address(plain.replace(":plain@", "@"))))


def test_a_named_database_is_served_as_it_is_named_and_prepared_by_its_owner(
    server: Cluster,
) -> None:
    fetch(server.url(), "create database named")
    owner = Address(server.url("named"), "REGISTRY_OWNER_URL")
    served = Address(asyncio.run(let_in(owner, "named", "x" * 24)), "REGISTRY_DATABASE_URL")
    given = plan(server, given={"registry": served}, owners={"registry": owner})
    found = asyncio.run(reach(given, server))
    assert (found.services["registry"], found.owners["registry"]) == (served.url, owner.url)
    with pytest.raises(CannotRun, match="TRAINING_OWNER_URL is given without"):
        asyncio.run(reach(plan(server, owners={"training": owner}), server))


def test_a_derived_password_differs_for_each_role_and_each_secret() -> None:
    server = Address("postgresql://mboolo:secret@db:5432/")
    other = Address("postgresql://mboolo:other@db:5432/")
    made = {derived_password(one, role) for one in (server, other) for role in ("a", "b")}
    assert len(made) == 4
    assert all("secret" not in password for password in made)


def test_a_url_is_read_from_a_file_where_no_variable_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.registry.settings import RegistrySettings

    (tmp_path / "url").write_text("postgresql://mboolo_registry:x@db/mboolo_registry\n")
    monkeypatch.setenv("REGISTRY_DATABASE_URL_FILE", str(tmp_path / "url"))
    made = RegistrySettings(keys_file=tmp_path)
    assert made.database_url == "postgresql://mboolo_registry:x@db/mboolo_registry"
    assert made.owner == made.database_url
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "postgresql://db/other")
    assert RegistrySettings(keys_file=tmp_path).database_url == "postgresql://db/other"

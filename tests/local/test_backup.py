"""A copy of a running town, and a town made of it."""

import asyncio
import shutil
from pathlib import Path

import asyncpg
import pytest

from local.backup import back_up, restore
from local.errors import CannotRun
from local.folder import remove_folder
from local.plan import Plan
from local.postgres import Cluster


def sql(cluster: Cluster, statement: str, database: str = "postgres") -> object:
    async def run() -> object:
        connection = await asyncpg.connect(cluster.url(database))
        value = await connection.fetchval(statement)
        await connection.close()
        return value

    return asyncio.run(run())


def plan(folder: Path) -> Plan:
    return Plan(folder=folder, server=None, given={}, demo=False)


@pytest.fixture
def copy(cluster: Cluster, folder: Path) -> Path:
    """A copy taken while the server runs, with two databases and a key file."""
    sql(cluster, "create database told")
    sql(cluster, "create table kept as select generate_series(1, 1000) n")
    sql(cluster, "create table kept as select generate_series(1, 10) n", "told")
    keys = folder / "keys" / "registry"
    keys.mkdir(parents=True)
    (keys / "keys.json").write_text("{}")
    (keys / "keys.json").chmod(0o600)
    back_up(plan(folder), folder.parent / "copy")
    sql(cluster, "insert into kept values (1001)")
    return folder.parent / "copy"


def test_a_town_begins_again_from_a_copy(copy: Path, folder: Path) -> None:
    again = folder.parent / "again"
    restore(plan(again), copy)
    with Cluster(again).running() as server:
        assert sql(server, "select count(*) from kept") == 1000
        assert sql(server, "select count(*) from kept", "told") == 10
    assert (again / "keys" / "registry" / "keys.json").stat().st_mode & 0o777 == 0o600
    remove_folder(again)


def test_a_copy_can_be_read_by_its_owner_alone(copy: Path) -> None:
    assert copy.stat().st_mode & 0o777 == 0o700
    assert (copy / "postgres.json").stat().st_mode & 0o777 == 0o600


def test_a_damaged_copy_is_refused(copy: Path, folder: Path) -> None:
    victim = max((copy / "pgdata" / "base").rglob("*"), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    with pytest.raises(CannotRun, match="PostgreSQL is damaged"):
        restore(plan(folder.parent / "again"), copy)
    assert not list((folder.parent / "again").glob("pgdata-*"))
    shutil.rmtree(folder.parent / "again")


def test_nothing_is_overwritten(copy: Path, folder: Path) -> None:
    with pytest.raises(CannotRun, match="is not empty"):
        restore(plan(folder), copy)
    with pytest.raises(CannotRun, match="exists: name a new folder"):
        back_up(plan(folder), copy)


def test_what_is_no_copy_is_refused(folder: Path) -> None:
    with pytest.raises(CannotRun, match="holds no copy"):
        restore(plan(folder), folder.parent)


def test_only_a_running_town_is_copied(folder: Path) -> None:
    with pytest.raises(CannotRun, match="No town runs"):
        back_up(plan(folder), folder.parent / "copy")

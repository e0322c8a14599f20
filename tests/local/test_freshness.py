"""What was prepared is not prepared again, until something that matters has changed."""

import asyncio
from pathlib import Path

import pytest

from local.addresses import Address
from local.databases import databases_on, drop_databases
from local.freshness import is_marked, mark_of, put_mark
from local.members import MEMBERS, environments
from local.postgres import Cluster

PORTS = {member.name: member.port for member in MEMBERS}
URLS = {member.name: f"postgresql:///{member.name}" for member in MEMBERS}


def mark(folder: Path) -> str:
    """The mark of a town in `folder`, as the environment is now."""
    return mark_of(MEMBERS, environments(MEMBERS, folder, PORTS, URLS))


def test_a_database_made_anew_carries_no_mark(server: Cluster) -> None:
    admin = Address(server.url())
    urls = asyncio.run(databases_on(admin, {}, prefix="fresh")).values()
    assert not asyncio.run(is_marked(urls, "prepared once"))

    asyncio.run(put_mark(urls, "prepared once"))
    assert asyncio.run(is_marked(urls, "prepared once"))
    assert not asyncio.run(is_marked(urls, "prepared otherwise"))

    asyncio.run(drop_databases(admin, "fresh"))
    asyncio.run(databases_on(admin, {}, prefix="fresh"))
    assert not asyncio.run(is_marked(urls, "prepared once"))


@pytest.mark.parametrize(
    ("variable", "matters"), [("REGISTRY_POOL_SIZE", True), ("EDITOR_OF_THE_DAY", False)]
)
def test_a_variable_matters_if_a_process_is_told_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, matters: bool
) -> None:
    before = mark(tmp_path)
    monkeypatch.setenv(variable, "9")

    assert (mark(tmp_path) != before) is matters

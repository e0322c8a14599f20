"""Migrations match the tables, and go down and up again."""

import asyncio
from pathlib import Path

import pytest
from alembic import command

from chassis.migrations import config, head
from tests.house.services import NAMES, defined
from tests.town import create_database

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", [*NAMES, "gateway"])
async def test_migrations_match_the_tables_and_go_both_ways(name: str, worker: str) -> None:
    folder = defined(name).folder if name in NAMES else ROOT / "gateway"
    url = await create_database(f"t_{worker}_migrations_{name}")
    made = config(folder / "migrations", url)

    def there_and_back() -> None:
        command.upgrade(made, "head")
        command.check(made)
        command.downgrade(made, "base")
        command.upgrade(made, "head")
        command.check(made)

    await asyncio.to_thread(there_and_back)
    assert head(folder / "migrations") is not None

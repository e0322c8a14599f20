"""Migrations match the tables, and go down and up again."""

import asyncio
from pathlib import Path

import pytest
from alembic import command

from chassis.imprint_check import departed
from chassis.imprints import imprint_anew
from chassis.migrations import config, head
from chassis.reads import connect
from tests.chassis.test_closable import Statements
from tests.house.services import NAMES, defined
from tests.town import create_database

ROOT = Path(__file__).resolve().parents[2]
_A_DIRECTOR = """
insert into mandate (id, cooperative_id, mandate_id, member_id, revision, filing_id, valid,
  recorded, organ, function, from_on, representative)
values (uuidv7(), uuidv7(), uuidv7(), uuidv7(), 1, uuidv7(), '[2026-01-01,)', '[2026-01-01Z,)',
  'MANAGING', 'PRESIDENT', '2026-01-01', '{"family_name": "Sow", "given_names": "Ali"}')
"""


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


async def test_a_column_less_leaves_no_row_that_seems_altered(worker: str) -> None:
    # ADR 44: what a row was is noted again where a migration takes a column away
    url, noted = await create_database(f"t_{worker}_migrations_less"), Statements()
    made, mandates = config(defined("registry").folder / "migrations", url), {"mandate": "id"}
    await asyncio.to_thread(command.upgrade, made, "0022")
    imprint_anew(noted, mandates)
    connection = await connect(url)
    async with connection.transaction():
        # a mandate alone, without what it is of
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(_A_DIRECTOR)
        for sql in noted.said:
            await connection.execute(sql)
    await asyncio.to_thread(command.downgrade, made, "0021")
    assert [one async for one in departed(connection, mandates)] == []
    await connection.close()

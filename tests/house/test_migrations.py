"""Migrations match the tables, and go down and up again."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

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
_OF = "00000000-0000-0000-0000-000000000001"
_A_DIRECTOR = f"""
insert into mandate (id, cooperative_id, mandate_id, member_id, revision, filing_id, valid,
  recorded, organ, function, from_on, representative)
values (uuidv7(), '{_OF}', '{_OF}', uuidv7(), 1, uuidv7(), '[2026-01-01,)', '[2026-01-01Z,)',
  'MANAGING', 'PRESIDENT', '2026-01-01', '{{"family_name": "Sow", "given_names": "Ali"}}')
"""
_AN_EFFECT = f"""
insert into effect (filing_id, cooperative_id, revision, formality, effective_on, changes,
  recorded_at)
values (uuidv7(), '{_OF}', $1, 'COURT_ORDER', $2, $3, '2026-01-01Z')
"""
_A_VERSION = f"""
insert into cooperative_version (id, cooperative_id, revision, filing_id, valid, recorded, public)
values (uuidv7(), '{_OF}', 1, uuidv7(), daterange($1, $2), '[2026-01-01Z,)', $3)
"""
_OF_NOTHING = """
alter table cooperative_version drop constraint fk_cooperative_version_cooperative_id,
  drop constraint fk_cooperative_version_filing_id
"""
_JUST_NOW = """
update cooperative_version set recorded = tstzrange(clock_timestamp() + interval '1 hour', null)
where lower(valid) = $1
"""
_INSTANTS = """
select count(distinct lower(recorded)) filter (where upper_inf(recorded)),
  count(*) filter (where isempty(recorded))
from cooperative_version where public -> 'provisional_administration' is not null
  or not upper_inf(recorded)
"""
_SHOWN = """
select extract(day from lower(valid))::int, upper_inf(recorded),
  public -> 'provisional_administration'
from cooperative_version order by 1, 2
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


async def _written(url: str, table: str, *rows: tuple[Any, ...]) -> None:
    """Rows alone, without what they are of, in a table whose rows are noted."""
    noted, connection = Statements(), await connect(url)
    imprint_anew(noted, {table: "id"})
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for sql, *values in rows:
            await connection.execute(sql, *values)
        for sql in noted.said:
            await connection.execute(sql)
    await connection.close()


async def test_a_column_less_leaves_no_row_that_seems_altered(worker: str) -> None:
    # ADR 44: what a row was is noted again where a migration takes a column away, or fills one
    url = await create_database(f"t_{worker}_migrations_less")
    made, mandates = config(defined("registry").folder / "migrations", url), {"mandate": "id"}
    await asyncio.to_thread(command.upgrade, made, "0022")
    sow = {"family_name": "Sow", "given_names": "Ali"}
    shown = {"officers": [{"mandate_id": _OF, "representative": sow}]}
    version = (_A_VERSION, date(2026, 1, 1), None, shown)
    await _written(url, "mandate", (_A_DIRECTOR,), version)
    connection = await connect(url)
    await asyncio.to_thread(command.downgrade, made, "0021")
    assert [one async for one in departed(connection, mandates)] == []
    await asyncio.to_thread(command.upgrade, made, "0022")
    assert await connection.fetchval("select representative from mandate") == sow
    assert [one async for one in departed(connection, mandates)] == []
    await connection.close()


async def test_an_administration_said_as_the_last_order_is_shown_until_it_ended(
    worker: str,
) -> None:
    # what was shown before stays known (ADR 33), and no row seems altered (ADR 44)
    url = await create_database(f"t_{worker}_migrations_orders")
    made = config(defined("registry").folder / "migrations", url)
    await asyncio.to_thread(command.upgrade, made, "0022")
    measures = ("PROVISIONAL_ADMINISTRATION", "EXPERTISE", "END_OF_ADMINISTRATION")
    rows: list[tuple[Any, ...]] = [(_OF_NOTHING,)]
    for n, measure in enumerate(measures, start=1):
        said = {"part": "FIELD", "key": "court_order", "value": {"measure": measure}}
        ends = {"part": "FIELD", "key": "provisional_administration", "value": None}
        changes = [said, ends] if n == len(measures) else [said]
        until = date(2026, 1, n + 1) if n < len(measures) else None
        rows.append((_AN_EFFECT, n, date(2026, 1, n), changes))
        rows.append((_A_VERSION, date(2026, 1, n), until, {"court_order": said["value"]}))
    # a process whose clock is ahead recorded one while the migration waited for it
    rows.append((_JUST_NOW, date(2026, 1, 2)))
    await _written(url, "cooperative_version", *rows)
    await asyncio.to_thread(command.upgrade, made, "0023")
    connection = await connect(url)
    shown = await connection.fetch(_SHOWN)
    order = {"measure": "PROVISIONAL_ADMINISTRATION"}
    assert [tuple(row) for row in shown] == [
        (1, False, None), (1, True, order), (2, False, None), (2, True, order), (3, True, None)
    ]  # fmt: skip
    assert tuple(await connection.fetchrow(_INSTANTS)) == (1, 0)
    assert [one async for one in departed(connection, {"cooperative_version": "id"})] == []
    await connection.close()

"""What is hashed as PostgreSQL writes it holds where, and only where, each row holds by itself."""

import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asyncpg import Connection, Record

from chassis import chain_check
from chassis.chain import whole_rows
from chassis.chain_check import check_stretch
from chassis.chain_pages import pages_of
from services.registry.stream.repository import CHAINS
from tests.registry.tampering import recompute
from tests.registry.test_checkpoints import in_vain
from tests.town import Town

ODD = whole_rows("odd", "odd")
TEXTS = [
    'says "no", C:\\dir\\, a/b',
    "two\nlines\tand\x07a bell\x7f",
    "Société coopérative 🌾 de Ñagga \u2028 \ufeff",
    ',"number":null, and ,"zone":null}',
    "",
    None,
]
LINKS = 60
_TABLE = """
create table odd (id uuid primary key, xid xid8 not null default pg_current_xact_id(),
  pos bigint generated always as identity, said text, "Name" text, number integer, zone text,
  path text[], "on" date, at timestamptz default '2026-11-28 10:00:00.120+00', "is it" boolean)
"""
_ROW = """
insert into odd (id, said, "Name", number, zone, path, "on", "is it")
values (gen_random_uuid(), $1, $2, $3, $4, $5, '2026-11-28', $6)
"""
_LINK = """
insert into chain_link (chain, sequence, ref, prevhash, hash)
select 'odd', row_number() over (order by pos), id, '', '' from odd
"""


@pytest.fixture
async def odd(town: Town) -> AsyncIterator["Connection[Record]"]:
    """A table of which nothing can be foreseen, in a chain; gone afterwards."""
    dice = random.Random(7)
    async with in_vain(town) as connection:
        await connection.execute(_TABLE)
        for n in range(LINKS):
            said, name, zone = (dice.choice(TEXTS) for _ in range(3))
            number, is_it = dice.choice([None, 0, -(2**31), n]), dice.choice([None, True, False])
            path = dice.choice([None, [], [said or "-", "SN-DK"]])
            await connection.execute(_ROW, said, name, number, zone, path, is_it)
        await connection.execute(_LINK)
        await recompute(connection, ODD, 1)
        yield connection


async def test_a_page_holds_whatever_its_rows_say(odd: "Connection[Record]") -> None:
    pages = await pages_of(odd, ODD)
    assert pages is not None
    edges = await pages.edges(0, LINKS)
    assert edges is not None
    last = "select hash from chain_link where chain = 'odd' and sequence = $1"
    assert edges == ("0" * 64, await odd.fetchval(last, LINKS))
    assert await pages.edges(7, 9) == tuple([await odd.fetchval(last, n) for n in (7, 9)])


@pytest.mark.parametrize(
    "sql",
    [
        "update odd set said = coalesce(said, '') || 'x' where {here}",
        "update odd set number = coalesce(number, 0) + 1 where {here}",
        "update odd set zone = case when zone is null then '' end where {here}",
        "delete from odd where {here}",
        "delete from chain_link where chain = 'odd' and sequence = 30",
        "update chain_link set prevhash = repeat('0', 64) where chain = 'odd' and sequence = 30",
        "update chain_link set hash = repeat('0', 64) where chain = 'odd' and sequence = 30",
        "alter table odd rename column said to told",
        "alter table odd add column more text default 'x'",
        "alter table odd alter column said type json using to_json(said)",
    ],
)
async def test_no_page_hides_what_a_row_shows(
    odd: "Connection[Record]", sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = "id = (select ref from chain_link where chain = 'odd' and sequence = 30)"
    await odd.execute(sql.format(here=here))
    pages = await pages_of(odd, ODD)
    assert pages is None or await pages.edges(0, LINKS) is None
    monkeypatch.setattr(chain_check, "_PAGE", 8)
    swift = await check_stretch(odd, ODD, 0, LINKS)
    monkeypatch.setattr(chain_check, "pages_of", _no_pages)
    assert swift == await check_stretch(odd, ODD, 0, LINKS)
    # a text that became JSON says the same: only then no page was read
    assert (swift.fault is None) == (pages is None)


async def _no_pages(*_: Any) -> None:
    return None


async def test_rows_with_json_in_them_are_read_one_by_one(town: Town) -> None:
    async with town.owner("registry") as connection:
        swift = {name: await pages_of(connection, chain) for name, chain in CHAINS.items()}
    assert {name for name, pages in swift.items() if pages} == {"ledger", "steps", "imprints"}

"""Numbers without a gap, that never change once they were seen, whoever commits when."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from asyncpg import Connection, Record

from chassis.chain import BEHIND_HORIZON, GENESIS, Chain, broken_at, link, seal
from chassis.events import flush_events
from tests.chassis.village.life import Village
from tests.chassis.village.notes import NoteWrite, write


def body(row: Record) -> dict[str, Any]:
    return {"id": str(row["id"]), "aggregate": row["aggregate"], "seq": row["seq"]}


CHAIN = Chain("notes", f"select * from event_log where {BEHIND_HORIZON}", body)


async def published(village: Village) -> dict[int, str]:
    rows = await village.told.fetch("select sequence, ref from chain_link order by sequence")
    return {row["sequence"]: str(row["ref"]) for row in rows}


async def things(village: Village) -> list[dict[str, Any]]:
    rows = await village.told.fetch(
        "select e.*, l.sequence, l.prevhash, l.hash from chain_link l"
        " join event_log e on e.id = l.ref order by l.sequence"
    )
    names = ("sequence", "prevhash", "hash")
    return [{**body(row), **{name: row[name] for name in names}} for row in rows]


async def sealed(village: Village) -> int:
    async with village.told.connection() as connection:
        return await seal(connection, CHAIN)


async def test_a_slow_transaction_does_not_lose_its_event(village: Village) -> None:
    async with village.database.transaction() as slow:
        first = await write(slow, NoteWrite(title="begun first"))
        await flush_events(slow)
        second = await village.write("committed first")
        assert await sealed(village) == 0, "what is behind the slow one must wait for it"
    await village.until_settled()
    assert await sealed(village) == 2
    rows = await village.told.fetch(
        "select aggregate from chain_link l join event_log e on e.id = l.ref order by sequence"
    )
    assert [row["aggregate"] for row in rows] == [f"note/{first.id}", f"note/{second}"]


async def test_a_sealer_that_waited_continues_from_what_the_other_published(
    village: Village,
) -> None:
    for title in "abc":
        await village.write(title)
    await village.until_settled()
    async with village.stranger() as other:
        async with other.transaction():
            await other.execute("select pg_advisory_xact_lock(8, hashtext($1))", CHAIN.name)
            waiting = asyncio.create_task(sealed(village))
            await village.until_waiting()
            assert await seal(other, CHAIN) == 3
        seen = await published(village)
        assert await waiting == 0
    assert await published(village) == seen
    assert broken_at(await things(village)) is None


async def test_two_sealers_and_eight_writers_make_one_unbroken_chain(village: Village) -> None:
    is_over = asyncio.Event()
    seen: dict[int, str] = {}

    async def writer() -> None:
        for _ in range(15):
            async with village.database.transaction() as session:
                await write(session, NoteWrite(title="x"))
                await flush_events(session)
                await asyncio.sleep(random.choice([0, 0, 0, 0.02]))

    async def sealer(connection: "Connection[Record]") -> None:
        while not is_over.is_set():
            await seal(connection, CHAIN)

    async def reader() -> None:
        while not is_over.is_set():
            now = await published(village)
            assert seen.items() <= now.items(), "a number changed after it was published"
            assert list(now) == list(range(1, len(now) + 1))
            seen.update(now)
            await asyncio.sleep(0.005)

    async with village.stranger() as one, village.stranger() as two:
        watching = [asyncio.create_task(act) for act in (sealer(one), sealer(two), reader())]
        await asyncio.gather(*(writer() for _ in range(8)))
        is_over.set()
        await asyncio.gather(*watching)
        await village.until_settled()
        await seal(one, CHAIN)
    chained = await things(village)
    assert len(chained) == 120 == len({thing["id"] for thing in chained})
    assert broken_at(chained) is None


async def test_nothing_new_means_nothing_sealed(village: Village) -> None:
    await village.write()
    await village.until_settled()
    assert [await sealed(village) for _ in range(2)] == [1, 0]


async def test_five_hundred_are_sealed_at_a_time(village: Village) -> None:
    await village.backlog("b", lanes=501)
    await village.until_settled()
    assert [await sealed(village) for _ in range(3)] == [500, 1, 0]
    assert broken_at(await things(village)) is None


def a_chain(length: int = 6) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for sequence in range(1, length + 1):
        previous = made[-1]["hash"] if made else GENESIS
        made.append(link(sequence, previous, {"thing": sequence * 11}))
    return made


def edited(chain: list[dict[str, Any]]) -> None:
    chain[2] = {**chain[2], "thing": 0}


def rehashed(chain: list[dict[str, Any]]) -> None:
    chain[2] = link(3, chain[2]["prevhash"], {"thing": 0})


def deleted(chain: list[dict[str, Any]]) -> None:
    del chain[2]


def swapped(chain: list[dict[str, Any]]) -> None:
    chain[2], chain[3] = chain[3], chain[2]


def inserted(chain: list[dict[str, Any]]) -> None:
    chain.insert(2, link(3, chain[1]["hash"], {"thing": 99}))


@pytest.mark.parametrize(
    ("tamper", "at"), [(edited, 3), (rehashed, 4), (deleted, 3), (swapped, 3), (inserted, 4)]
)
def test_any_tampering_shows_where_it_begins(
    tamper: Callable[[list[dict[str, Any]]], None], at: int
) -> None:
    chain = a_chain()
    assert broken_at(chain) is None
    tamper(chain)
    assert broken_at(chain) == at


def test_a_part_of_a_chain_is_checked_from_a_checkpoint() -> None:
    chain = a_chain()
    assert broken_at(chain[3:], after=chain[2]["hash"], since=3) is None
    assert broken_at(chain[3:], after=chain[1]["hash"], since=3) == 4
    assert broken_at(chain[3:]) == 1

"""The pool of the hot reads: first come, first served; nothing leaks; nobody waits for ever."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from chassis import reads as reads_module
from chassis.errors import DatabaseUnavailable
from chassis.reads import Reads
from tests.chassis.village.life import Village


@pytest.fixture
async def reads(village: Village, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reads]:
    """Whose patience lasts, however long a busy machine needs for a connection."""
    monkeypatch.setattr(reads_module, "_PATIENCE_S", 60.0)
    made = Reads(village.teller.state.settings.database_url, 2)
    yield made
    await made.close()


async def both_taken(reads: Reads) -> tuple[asyncio.Event, list["asyncio.Task[None]"]]:
    release, taken = asyncio.Event(), asyncio.Semaphore(0)

    async def hold() -> None:
        async with reads.connection():
            taken.release()
            await release.wait()

    tasks = [asyncio.create_task(hold()) for _ in range(2)]
    for _ in tasks:
        await taken.acquire()
    return release, tasks


async def works(reads: Reads) -> bool:
    """Whether every place of the pool can still be used, and none was added."""
    backends = await asyncio.gather(
        *(reads.fetch("select pg_backend_pid() as pid, pg_sleep(0.05)") for _ in range(6))
    )
    return len({row["pid"] for [row] in backends}) == 2


async def test_values_come_back_as_they_are(reads: Reads) -> None:
    row = await reads.fetchrow("select $1::jsonb as doc, $2::int as n", {"é": [1, None]}, 7)
    assert row is not None
    assert (row["doc"], row["n"]) == ({"é": [1, None]}, 7)
    assert await reads.fetchrow("select 1 where false") is None


async def test_who_comes_first_is_served_first(reads: Reads) -> None:
    release, tasks = await both_taken(reads)
    served: list[int] = []

    async def ask(turn: int) -> None:
        async with reads.connection():
            served.append(turn)

    waiting = []
    for turn in range(20):
        waiting.append(asyncio.create_task(ask(turn)))
        await asyncio.sleep(0)
    release.set()
    await asyncio.gather(*tasks, *waiting)
    assert served == list(range(20))


async def test_nobody_waits_longer_than_a_second(
    reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, tasks = await both_taken(reads)
    monkeypatch.setattr(reads_module, "_PATIENCE_S", 1.0)
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable) as refused:
        await reads.fetch("select 1")
    assert 0.9 < time.monotonic() - began < 20
    assert refused.value.headers == {"Retry-After": "1"}
    monkeypatch.setattr(reads_module, "_PATIENCE_S", 60.0)
    release.set()
    await asyncio.gather(*tasks)
    assert await works(reads)


async def test_a_waiter_who_leaves_takes_no_connection_along(reads: Reads) -> None:
    release, tasks = await both_taken(reads)
    leaving = [asyncio.create_task(reads.fetch("select 1")) for _ in range(5)]
    await asyncio.sleep(0.01)
    for task in leaving[:3]:
        task.cancel()
    release.set()
    await asyncio.gather(*tasks)
    assert len(await asyncio.gather(*leaving[3:])) == 2
    assert await works(reads)


async def test_a_waiter_who_leaves_while_being_served_takes_none_either(reads: Reads) -> None:
    release, tasks = await both_taken(reads)
    leaving = [asyncio.create_task(reads.fetch("select 1")) for _ in range(2)]
    await asyncio.sleep(0.01)
    release.set()
    await asyncio.sleep(0)  # the holders wake and hand their connections over in this turn
    for task in leaving:
        task.cancel()
    await asyncio.gather(*tasks, *leaving, return_exceptions=True)
    assert await works(reads)


async def test_a_query_that_is_abandoned_leaves_its_connection_usable(reads: Reads) -> None:
    napping = asyncio.create_task(reads.fetch("select pg_sleep(10)"))
    await asyncio.sleep(0.05)
    napping.cancel()
    await asyncio.gather(napping, return_exceptions=True)
    assert await works(reads)


async def test_an_open_transaction_is_not_handed_on(reads: Reads) -> None:
    async with reads.connection() as connection:
        await connection.execute("begin")
        await connection.execute("select pg_advisory_xact_lock(99, 1)")
    assert await works(reads)
    [row] = await reads.fetch(
        "select count(*) from pg_locks where classid = 99 and database ="
        " (select oid from pg_database where datname = current_database())"
    )
    assert row["count"] == 0


async def test_connections_that_died_are_replaced(village: Village, reads: Reads) -> None:
    assert await works(reads)
    async with village.stranger() as other:
        await other.execute(_KILL)
    await asyncio.sleep(0.02)  # the loop reads the end of both
    assert await works(reads)


async def test_waiters_survive_the_death_of_what_they_wait_for(
    village: Village, reads: Reads
) -> None:
    busy = [asyncio.create_task(reads.fetch("select pg_sleep(10)")) for _ in range(2)]
    await asyncio.sleep(0.1)
    waiting = [asyncio.create_task(reads.fetch("select 1")) for _ in range(6)]
    await asyncio.sleep(0.01)
    async with village.stranger() as other:
        await other.execute(_KILL)
    broken = await asyncio.gather(*busy, return_exceptions=True)
    assert all(
        isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError) for error in broken
    )
    assert len(await asyncio.gather(*waiting)) == 6
    assert await works(reads)


_KILL = """
select pg_terminate_backend(pid, 30000) from pg_stat_activity
where datname = current_database() and application_name = 'mboolo-reads'
  and pid <> pg_backend_pid()
"""


async def test_a_database_that_is_away_leaks_no_place(village: Village) -> None:
    url = village.teller.state.settings.database_url
    away = Reads(url.replace("teller", "nowhere"), 1)
    for _ in range(5):
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await away.fetch("select 1")
    await away.close()


async def test_connections_in_use_close_when_they_come_back(village: Village) -> None:
    reads = Reads(village.teller.state.settings.database_url, 2)
    async with reads.connection() as connection:
        await reads.close()
        assert not connection.is_closed()
    assert connection.is_closed()

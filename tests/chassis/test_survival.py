"""A process that starts before its database, or loses it, waits and goes on by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from chassis.answers import is_passing
from chassis.db import Database, create_engine
from chassis.deliverer import Deliverer
from chassis.reads import Reads
from chassis.timers import Timer, keep_time
from tests.chassis.village import notes, teller
from tests.chassis.village.homes import build, drop_database, furnished
from tests.chassis.village.life import Village
from tests.town import SERVER


@asynccontextmanager
async def turning(*works: Coroutine[Any, Any, None]) -> AsyncIterator[list["asyncio.Task[None]"]]:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def written(village: Village, title: str) -> UUID:
    """Written as by a caller, who is told 503 where the connection has just been lost and tries
    again: the pool knows of the end of one only when it has come."""
    for _ in range(100):
        try:
            return await village.write(title)
        except DBAPIError as error:
            if not is_passing(error):
                raise
            await asyncio.sleep(0.01)
    raise AssertionError("it was never written")


async def until(happened: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    for _ in range(6000):
        if await happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")


@pytest.fixture
async def place() -> AsyncIterator[tuple[str, str]]:
    name = f"t_late_{uuid4().hex[:12]}"
    yield (
        name,
        SERVER.replace("/postgres?", f"/{name}?")
        if "?" in SERVER
        else (SERVER.rsplit("/", 1)[0] + f"/{name}"),
    )
    await drop_database(name)


async def test_deliverer_and_timer_wait_for_a_database_that_is_not_there_yet(
    village: Village, place: tuple[str, str]
) -> None:
    name, url = place
    settings = furnished(teller.TellerSettings, village.town.folder, url, event_lease_s=0.2)
    reads, database = Reads(url, 2), Database(create_engine(settings))
    deliverer = Deliverer(
        settings, "teller", "hearer", reads=reads, signer=village.teller.state.signer
    )
    seen: list[int] = []

    async def look(_: Any) -> int:
        seen.extend(row["n"] for row in await reads.fetch("select count(*) as n from note"))
        return 0

    async with turning(
        deliverer.run(database, village.town_client()), keep_time(Timer("look", 0.05, look), None)
    ) as tasks:
        await asyncio.sleep(0.1)
        assert seen == []
        await build(name, notes.metadata)
        async with database.transaction() as session:
            note = await notes.write(session, notes.NoteWrite(title="late"))
        await until(lambda: village.effects(note.id))
        await until(lambda: asyncio.sleep(0, 1 in seen))
        assert not any(task.done() for task in tasks)
    assert await village.effects(note.id) == [(1, "late")]
    await reads.close()
    await database.engine.dispose()


async def test_a_deliverer_whose_connections_are_cut_goes_on(village: Village) -> None:
    deliverer = village.deliverer(event_lease_s=0.2)
    async with turning(deliverer.run(village.database, village.town_client())) as tasks:
        first = await village.write("before")
        await until(lambda: village.effects(first))
        async with village.stranger() as other:
            await other.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        second = await written(village, "after")
        await until(lambda: village.effects(second))
        assert not any(task.done() for task in tasks)
    village.database.bells.remove(deliverer.bell)


@pytest.mark.parametrize("failure", [OSError("away"), KeyError("defect")])
async def test_a_timer_survives_a_failure_of_its_act(
    failure: Exception,
) -> None:
    calls: list[Any] = []

    async def act(app: Any) -> int:
        calls.append(app)
        if len(calls) == 1:
            raise failure
        return 0

    async with turning(keep_time(Timer("act", 0.01, act), "the app")) as tasks:
        await until(lambda: asyncio.sleep(0, len(calls) > 2))
        assert not tasks[0].done()
    assert set(calls) == {"the app"}


async def test_a_timer_that_did_something_goes_on_at_once() -> None:
    left = [3, 2, 1, 0]
    done: list[int] = []

    async def act(_: Any) -> int:
        done.append(left.pop(0))
        return done[-1]

    async with turning(keep_time(Timer("act", 60, act), None)):
        await until(lambda: asyncio.sleep(0, len(done) == 4))
    assert done == [3, 2, 1, 0]

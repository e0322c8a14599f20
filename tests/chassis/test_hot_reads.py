"""A hot read that loses its database answers 503, never 500."""

import asyncio

from asyncpg import Connection, Record

from tests.chassis.village.life import Village
from tests.town import problem


async def test_a_hot_read_that_loses_its_connection_is_unavailable(village: Village) -> None:
    async with village.town.client("teller") as client, village.stranger() as other:
        nap = asyncio.create_task(client.get("/v1/naps?seconds=20"))
        await until_asleep(other)
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and wait_event = 'PgSleep'"
        )
        answer = await nap
        again = await client.get("/v1/naps?seconds=0")
    assert answer.status_code == 503
    assert problem(answer)["code"] == "DATABASE_UNAVAILABLE"
    assert answer.headers["retry-after"]
    assert again.status_code == 200


async def test_a_hot_read_that_takes_too_long_is_unavailable(village: Village) -> None:
    async with village.town.client("teller") as client, village.stranger() as other:
        nap = asyncio.create_task(client.get("/v1/naps?seconds=20"))
        await until_asleep(other)
        await other.execute(
            "select pg_cancel_backend(pid) from pg_stat_activity"
            " where datname = current_database() and wait_event = 'PgSleep'"
        )
        answer = await nap
    assert answer.status_code == 503
    assert problem(answer)["code"] == "DATABASE_UNAVAILABLE"


async def until_asleep(connection: "Connection[Record]", many: int = 1) -> None:
    for _ in range(1500):
        found = await connection.fetchval(
            "select count(*) from pg_stat_activity"
            " where datname = current_database() and wait_event = 'PgSleep'"
        )
        if found >= many:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody sleeps")

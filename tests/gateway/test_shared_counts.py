"""Counts that gateways share, on a real Valkey server."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from valkey.asyncio import Valkey

from gateway.limits.limits import Holder, Limits, ahead_s
from gateway.limits.meters import SECOND_NS
from gateway.limits.shared import APART, LOSSES, Act, Count, Shared, ask_of, key_of
from gateway.limits.tiers import TIERS, Rate, RouteClass
from local.vacant import free_port
from tests.gateway.valkey_server import ValkeyServer, valkey_server

RATE = Rate(quota=3, window_s=3_600, daily=5)
PATIENT_S = 20.0  # the machine may be busy


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[ValkeyServer]:
    async with valkey_server() as found:
        yield found


@asynccontextmanager
async def sharing(
    url: str, patience_s: float = PATIENT_S, *, is_there: bool = True
) -> AsyncIterator[Shared]:
    shared = Shared(url, patience_s, ahead_s)
    await shared.open()
    try:
        if is_there:  # it may have come too late for the first word
            await until(lambda: not shared.is_away)
        yield shared
    finally:
        await shared.close()


@pytest.fixture
async def shared(server: ValkeyServer) -> AsyncIterator[Shared]:
    async with sharing(server.url) as found:
        yield found


@pytest.fixture
async def raw(server: ValkeyServer) -> AsyncIterator[Valkey]:
    async with Valkey.from_url(server.url) as found:
        yield found


def somebody() -> str:
    return key_of(uuid4().hex, RouteClass.READS, is_known=True)


async def take(shared: Shared, key: str, rate: Rate = RATE) -> Count:
    count = await shared.answer(ask_of(key, Act.TAKE, rate))
    assert count is not None
    return count


async def look(shared: Shared, key: str, rate: Rate = RATE) -> Count:
    count = await shared.answer(ask_of(key, Act.LOOK, rate))
    assert count is not None
    return count


async def give_back(shared: Shared, key: str, day: int) -> None:
    await shared.answer(ask_of(key, Act.GIVE_BACK, RATE, day))


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to be")


async def test_what_one_gateway_counts_the_other_knows(server: ValkeyServer) -> None:
    key = somebody()
    async with sharing(server.url) as one, sharing(server.url) as other:
        verdicts = [(await take(gateway, key)).verdict for gateway in (one, other, one, other)]
        assert verdicts == [0, 0, 0, 1]
        assert (await look(one, key)).used == (await look(other, key)).used == 3


async def test_the_day_has_a_quota_of_its_own(shared: Shared) -> None:
    key, wide = somebody(), Rate(quota=100, window_s=3_600, daily=5)
    assert [(await take(shared, key, wide)).verdict for _ in range(7)] == [0] * 5 + [2] * 2


async def test_what_is_refused_and_what_is_looked_at_costs_nothing(shared: Shared) -> None:
    key = somebody()
    for _ in range(9):
        await take(shared, key)
        await look(shared, key)
    assert (await look(shared, key)).used == 3


async def test_the_legal_day_is_the_servers(shared: Shared) -> None:
    assert (await look(shared, somebody())).day == datetime.now(UTC).toordinal()


async def test_the_bucket_fills_by_the_servers_clock(shared: Shared, raw: Valkey) -> None:
    key = somebody()
    for _ in range(3):
        day = (await take(shared, key)).day
    at, missing, its_day, used = (await raw.get(key)).split()
    assert 3 * RATE.interval_ns >= int(missing) > 2.9 * RATE.interval_ns
    earlier = int(at) - 1_201_000_000  # one interval is 1,200 s
    await raw.set(key, b"%d %b %b %b" % (earlier, missing, its_day, used))
    assert [(await take(shared, key)).verdict for _ in range(2)] == [0, 1]
    assert (await look(shared, key)).day == day


async def test_a_clock_that_is_put_back_gains_and_locks_nothing(
    shared: Shared, raw: Valkey
) -> None:
    key = somebody()
    await take(shared, key)
    at, missing, its_day, used = (await raw.get(key)).split()
    await raw.set(key, b"%d %b %b %b" % (int(at) + 10**12, missing, its_day, used))
    assert (await take(shared, key)).missing_ns == 2 * RATE.interval_ns
    assert int((await raw.get(key)).split()[0]) < int(at) + 10**11


async def test_a_clock_that_is_put_back_locks_nobody_out(shared: Shared, raw: Valkey) -> None:
    key = somebody()
    while (await take(shared, key)).verdict == 0:
        pass
    at, missing, its_day, used = (await raw.get(key)).split()
    await raw.set(key, b"%d %b %b %b" % (int(at) + 10**12, missing, its_day, used))
    assert (await take(shared, key)).verdict == 1
    assert int((await raw.get(key)).split()[0]) < int(at) + 10**11  # it fills from now on


async def test_a_day_that_is_over_counts_no_more(shared: Shared, raw: Valkey) -> None:
    key = somebody()
    await take(shared, key)
    at, _, its_day, _ = (await raw.get(key)).split()
    await raw.set(key, b"%b 0 %d 5" % (at, int(its_day) - 1))
    assert (await take(shared, key)).used == 1


async def test_what_is_given_back_was_never_used(shared: Shared) -> None:
    key = somebody()
    for _ in range(20):
        count = await take(shared, key)
        assert count.verdict == 0
        await give_back(shared, key, count.day)
    left = await look(shared, key)
    assert (left.used, left.missing_ns) == (0, 0)


async def test_what_is_given_back_after_midnight_does_not_swell_the_new_day(
    shared: Shared,
) -> None:
    key = somebody()
    day = (await take(shared, key)).day
    await give_back(shared, key, day - 1)
    assert (await look(shared, key)).used == 1


async def test_what_is_kept_goes_by_itself_and_names_nobody(shared: Shared, raw: Valkey) -> None:
    key = key_of("192.0.2.77", RouteClass.PUBLIC, is_known=False)
    await take(shared, key)
    assert 0 < await raw.pttl(key) <= 86_402_000
    assert not [found for found in await raw.keys() if b"192.0" in found]


@pytest.mark.parametrize("kept", [b"", b"nonsense", b"1 2 3", b"-1 2 3 4", b"1 2 3 4 5"])
async def test_what_somebody_else_wrote_there_is_nothing(
    shared: Shared, raw: Valkey, kept: bytes
) -> None:
    key = somebody()
    await raw.set(key, kept)
    assert [(await take(shared, key)).verdict for _ in range(4)] == [0, 0, 0, 1]


async def test_wide_tiers_are_exact_too(shared: Shared) -> None:
    key, rate = somebody(), Rate(quota=10**9, window_s=1, daily=10**9)
    for used in range(1, 4):
        assert (await take(shared, key, rate)).used == used


async def test_asks_of_one_turn_share_a_round_trip(shared: Shared, raw: Valkey) -> None:
    await raw.config_resetstat()
    counts = await asyncio.gather(*(take(shared, somebody()) for _ in range(150)))
    assert {count.used for count in counts} == {1}
    assert (await raw.info("commandstats"))["cmdstat_evalsha"]["calls"] == 1


async def test_many_asks_are_split(shared: Shared, raw: Valkey) -> None:
    await raw.config_resetstat()
    key, rate = somebody(), Rate(quota=900, window_s=3_600, daily=450)
    counts = await asyncio.gather(*(take(shared, key, rate) for _ in range(500)))
    assert sorted(count.verdict for count in counts) == [0] * 450 + [2] * 50
    assert (await raw.info("commandstats"))["cmdstat_evalsha"]["calls"] == 3


async def test_a_server_that_forgot_the_script_is_told_again(shared: Shared, raw: Valkey) -> None:
    key = somebody()
    await take(shared, key)
    await raw.script_flush()
    before = LOSSES.value()
    assert (await take(shared, key)).used == 2
    assert LOSSES.value() == before


async def test_a_caller_who_leaves_disturbs_nobody(shared: Shared) -> None:
    key = somebody()
    leaving = asyncio.create_task(take(shared, key))
    staying = asyncio.create_task(take(shared, key))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).used == 2
    assert (await take(shared, key)).used == 3


async def test_without_the_server_nobody_waits_and_afterwards_it_counts_again() -> None:
    async with valkey_server() as server, sharing(server.url) as shared:
        await take(shared, somebody())
        losses, apart = LOSSES.value(), APART.value()
        await server.kill()
        assert await shared.answer(ask_of(somebody(), Act.TAKE, RATE)) is None
        assert shared.is_away
        told: list[Count | None] = []
        shared.ask(ask_of(somebody(), Act.TAKE, RATE), told.append)
        assert told == [None]  # at once
        await server.start()
        await until(lambda: not shared.is_away)
        assert (await take(shared, somebody())).used == 1
        assert (LOSSES.value() - losses, APART.value() - apart) == (1, 2)


async def test_a_server_that_hangs_is_waited_for_no_longer_than_patience() -> None:
    async with valkey_server() as server, sharing(server.url, patience_s=0.05) as shared:
        server.hold()
        begun = time.monotonic()
        asked = [shared.answer(ask_of(somebody(), Act.TAKE, RATE)) for _ in range(500)]
        assert set(await asyncio.gather(*asked)) == {None}
        # 0.05, and what a busy machine adds; one after the other they would wait for 25 s
        assert 0.04 < time.monotonic() - begun < 15
        server.let_go()
        await until(lambda: not shared.is_away)


async def test_a_late_answer_is_nobodys() -> None:
    async with valkey_server() as server, sharing(server.url, patience_s=0.05) as shared:
        first, second = somebody(), somebody()
        server.hold()
        assert await shared.answer(ask_of(first, Act.TAKE, RATE)) is None
        server.let_go()
        await until(lambda: not shared.is_away)
        shared._patience_s = PATIENT_S
        assert (await take(shared, second)).used == 1
        assert (await look(shared, first)).used <= 1


async def test_a_gateway_that_starts_before_the_server_finds_it_later() -> None:
    async with valkey_server() as server:
        await server.kill()
        async with sharing(server.url, is_there=False) as shared:
            assert shared.is_away
            await server.start()
            await until(lambda: not shared.is_away)


async def _nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 What\r\n\r\n" * 9)
    writer.close()


async def _end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.close()


async def _wrong_shape(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(65_536):
        writer.write(b"*3\r\n:1\r\n:2\r\n:3\r\n" * 3)
    writer.close()


@pytest.mark.parametrize("act", [_nonsense, _end, _wrong_shape])
async def test_whoever_is_not_a_store_is_away(
    act: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> None:
    port = free_port()
    async with (
        await asyncio.start_server(act, "127.0.0.1", port),
        sharing(f"redis://127.0.0.1:{port}", patience_s=0.2, is_there=False) as shared,
    ):
        assert await shared.answer(ask_of(somebody(), Act.TAKE, RATE)) is None
        assert shared.is_away


async def test_a_store_that_is_full_is_away(server: ValkeyServer, raw: Valkey) -> None:
    async with sharing(server.url) as shared:
        await raw.config_set("maxmemory", "1")
        try:
            assert await shared.answer(ask_of(somebody(), Act.TAKE, RATE)) is None
        finally:
            await raw.config_set("maxmemory", "0")
        await until(lambda: not shared.is_away)


async def test_closing_strands_nobody() -> None:
    async with valkey_server() as server:
        async with sharing(server.url, patience_s=60) as shared:
            server.hold()
            waiting = asyncio.create_task(shared.answer(ask_of(somebody(), Act.TAKE, RATE)))
            await asyncio.sleep(0.05)
        assert await waiting is None


async def test_a_process_goes_on_from_what_was_last_said() -> None:
    """Without the server it grants at most what it last knew to remain, not all of it anew."""
    tiers = {"STANDARD": {**TIERS["STANDARD"], RouteClass.READS: RATE}}
    holder = Holder("somebody", is_known=True)
    async with valkey_server() as server, sharing(server.url) as shared:
        limits = Limits(tiers, shared=shared)
        await limits.ticket(holder, RouteClass.READS).take_shared()
        await limits.ticket(holder, RouteClass.READS).take_shared()
        await server.kill()
        last = limits.ticket(holder, RouteClass.READS)
        await last.take_shared()
        assert shared.is_away
        assert [standing.remaining for standing in last.standings()] == [0, 2]
        assert last.standings()[0].full_in_s * SECOND_NS <= 3 * RATE.interval_ns

"""A process that is told to leave fails nobody."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from local.vacant import free_port
from tests.chassis.steady import Caller

LONG_S = 60
QUICK = b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"
READY = b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Process:
    port: int
    process: asyncio.subprocess.Process

    def tell(self, sig: signal.Signals) -> None:
        self.process.send_signal(sig)

    async def ended(self) -> int:
        return await asyncio.wait_for(self.process.wait(), LONG_S)


Start = Callable[..., Awaitable[Process]]


@asynccontextmanager
async def drainee(drain_s: float, port: int | None = None) -> AsyncIterator[Process]:
    port = port or free_port()
    words = ("-m", "tests.chassis.drainee", str(port), str(drain_s))
    found = Process(port, await asyncio.create_subprocess_exec(sys.executable, *words))
    try:
        await until(lambda: is_up(port))
        yield found
    finally:
        if found.process.returncode is None:
            found.process.kill()
        await found.process.wait()


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def begin(drain_s: float, port: int | None = None) -> Process:
            return await stack.enter_async_context(drainee(drain_s, port))

        yield begin


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(LONG_S * 20):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to pass")


async def is_up(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


async def said(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    found = await asyncio.wait_for(reader.read(), LONG_S)  # to the end of the connection
    writer.close()
    return found


async def test_who_leaves_says_so_first_and_still_answers(start: Start) -> None:
    process = await start(600)
    process.tell(signal.SIGTERM)

    async def is_leaving() -> bool:
        head = READY.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        return b'"draining"' in await said(process.port, head)

    await until(is_leaving)
    answered = await said(process.port, READY)  # it ends the connection without being asked to
    assert answered.startswith(b"HTTP/1.1 503")
    assert b"connection: close" in answered.lower()
    assert (await said(process.port, QUICK)).startswith(b"HTTP/1.1 200")
    process.tell(signal.SIGTERM)  # said twice: at once
    assert await process.ended() == -signal.SIGTERM


@pytest.mark.parametrize("drain_s", [0, 0.5])
async def test_what_is_under_way_is_finished(start: Start, drain_s: float) -> None:
    process = await start(drain_s)
    slow = QUICK.replace(b"/quick", b"/slow?seconds=2")
    asking = [asyncio.create_task(said(process.port, slow)) for _ in range(20)]
    await asyncio.sleep(0.5)
    process.tell(signal.SIGTERM)
    for answered in await asyncio.gather(*asking):
        assert answered.endswith(b'{"slept":2.0}')
    assert await process.ended() == -signal.SIGTERM
    assert not await is_up(process.port)


async def test_who_has_knocked_is_let_in(start: Start) -> None:
    process = await start(0)
    deaf = asyncio.create_task(said(process.port, QUICK.replace(b"/quick", b"/deaf?seconds=2")))
    await asyncio.sleep(0.5)
    knocking = [asyncio.create_task(said(process.port, QUICK)) for _ in range(50)]
    await asyncio.sleep(0.5)
    process.tell(signal.SIGTERM)
    for answered in await asyncio.gather(*knocking):
        assert answered.startswith(b"HTTP/1.1 200")
    assert await process.ended() == -signal.SIGTERM
    deaf.cancel()


async def test_tables_are_read_again_when_told(start: Start) -> None:
    process = await start(0)
    for n in (1, 2):
        process.tell(signal.SIGHUP)

        async def has_read(n: int = n) -> bool:
            close = QUICK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
            return b'{"reloads":%d}' % n in await said(process.port, close)

        await until(has_read)


async def test_nobody_fails_while_two_processes_are_replaced_in_turn(start: Start) -> None:
    processes = [await start(0.3) for _ in range(2)]
    callers = [Caller([p.port for p in processes], fresh=n % 2 == 0) for n in range(8)]
    is_over = asyncio.Event()
    asking = [asyncio.create_task(_ask_on(caller, is_over)) for caller in callers]
    for process in processes:
        await asyncio.sleep(0.3)
        process.tell(signal.SIGTERM)
        await process.ended()
        await start(0.3, process.port)
    is_over.set()
    assert sum(await asyncio.gather(*asking)) >= 8
    assert sum(caller.told["told to close"] for caller in callers) >= 1


async def _ask_on(caller: Caller, is_over: asyncio.Event) -> int:
    answered = 0
    while not is_over.is_set():
        status, _ = await caller.ask(QUICK)
        assert status == 200
        answered += 1
    await caller.close()
    return answered

"""Whoever sends nonsense while taking nothing harms nobody else."""

import asyncio
import gc
import socket
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from chassis.turn import Turn
from gateway.plane.protocol import GatewayProtocol
from tests.gateway.world import Gateway, Recorder

_ONE = b"GET /v1/filings/2 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic eDp5\r\n\r\n"


async def test_nonsense_behind_answers_not_taken_yet(
    gateway: Gateway, registry: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    before = GatewayProtocol.connection_made

    def noting(self: GatewayProtocol, transport: Any) -> None:
        made.append(self)
        before(self, transport)

    gc.collect()  # what others have left says what it has to say before
    monkeypatch.setattr(GatewayProtocol, "connection_made", noting)
    loop = asyncio.get_running_loop()
    wrong: list[Any] = []
    usual = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, found: wrong.append(found))
    try:
        with capture_logs() as lines:
            with socket.socket() as sock:
                await _take_late(gateway.port, sock, made)
            await asyncio.sleep(0.1)
    finally:
        loop.set_exception_handler(usual)
    assert not wrong
    assert all(line["event"] != "unwritable" for line in lines)


async def _take_late(port: int, sock: socket.socket, made: list[Any]) -> None:
    """Send nonsense behind refusals that are not taken yet, and take them after all."""
    loop = asyncio.get_running_loop()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await loop.sock_connect(sock, ("127.0.0.1", port))
    await _until(lambda: bool(made))
    (theirs,) = made
    while not theirs.transport.get_write_buffer_size():
        await loop.sock_sendall(sock, _ONE * 20)
        await asyncio.sleep(0.005)
    await loop.sock_sendall(sock, _ONE * 300 + b"nonsense\r\n\r\n")
    await _until(lambda: bool(theirs.is_over))
    while await asyncio.wait_for(loop.sock_recv(sock, 1_000_000), 30):
        pass


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110  what happens there sets no event
            await asyncio.sleep(0.01)


class Whole:
    """Takes what is written."""

    got = b""
    is_aborted = False

    def is_closing(self) -> bool:
        return self.is_aborted

    def write(self, data: bytes) -> None:
        self.got += data

    def abort(self) -> None:
        self.is_aborted = True


class Ended(Whole):
    """Behind its end nothing can be written."""

    def write(self, data: bytes) -> None:
        raise RuntimeError(data)


async def test_what_one_cannot_take_others_get() -> None:
    turn, ended, whole = Turn(), Ended(), Whole()
    turn.write(ended, b"a")
    turn.write(whole, b"b")
    turn.flush()
    assert (ended.is_aborted, whole.got) == (True, b"b")

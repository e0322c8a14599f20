"""Whoever sends nonsense while taking nothing harms nobody else."""

import asyncio
import socket
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

    monkeypatch.setattr(GatewayProtocol, "connection_made", noting)
    loop = asyncio.get_running_loop()
    wrong: list[Any] = []
    loop.set_exception_handler(lambda _, found: wrong.append(found))
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await loop.sock_connect(sock, ("127.0.0.1", gateway.port))
    await asyncio.sleep(0.1)
    (theirs,) = made
    while not theirs.transport.get_write_buffer_size():
        await loop.sock_sendall(sock, _ONE * 20)
        await asyncio.sleep(0.005)
    with capture_logs() as lines:
        await loop.sock_sendall(sock, _ONE * 300 + b"nonsense\r\n\r\n")
        await asyncio.sleep(0.3)
        assert theirs.is_over
        while await asyncio.wait_for(loop.sock_recv(sock, 1_000_000), 9):
            pass  # they take it after all
        sock.close()
        await asyncio.sleep(0.1)
    assert not wrong
    assert all(line["event"] != "unwritable" for line in lines)


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

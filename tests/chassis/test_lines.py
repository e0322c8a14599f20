"""Who is slow is there; that a cut line is noticed shows `make soak S=link`, between namespaces."""

import asyncio
import socket

from chassis.lines import is_cut, keep_asking, taken

SILENT_S = 5.0  # several questions of the kernel's, several retransmissions


class Silent(asyncio.Protocol):
    """Takes connections and reads nothing."""

    def __init__(self, taken: list[asyncio.Transport]) -> None:
        self.taken = taken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        self.taken.append(transport)


async def test_a_peer_that_takes_nothing_and_says_nothing_is_still_there() -> None:
    loop, taken = asyncio.get_running_loop(), list[asyncio.Transport]()
    server = await loop.create_server(lambda: Silent(taken), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    idle, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
    full, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
    for transport in (idle, full):
        keep_asking(transport)
    full.write(b"x" * 20_000_000)  # more than both sides hold
    for _ in range(int(SILENT_S / 0.25)):
        await asyncio.sleep(0.25)
        assert not is_cut(idle)
        assert not is_cut(full)
    assert full.get_write_buffer_size() > 0
    for transport in (idle, full, *taken):  # who reads nothing does not see the other leave
        transport.abort()
    assert not is_cut(idle)
    assert len(taken) == 2
    server.close()


async def test_what_a_peer_takes_is_known_byte_by_byte() -> None:
    loop, peers = asyncio.get_running_loop(), list[asyncio.Transport]()
    server = await loop.create_server(lambda: Silent(peers), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
    before = taken(transport)
    transport.write(b"x" * 1_000)
    await asyncio.sleep(0.2)
    assert taken(transport) == before + 1_000
    for one in (transport, *peers):
        one.abort()
    await asyncio.sleep(0.1)
    assert taken(transport) == 0  # nothing is known of what is closed
    server.close()


async def test_what_has_no_line_is_not_cut() -> None:
    loop = asyncio.get_running_loop()
    near, far = socket.socketpair()
    transport, _ = await loop.create_connection(asyncio.Protocol, sock=near)
    keep_asking(transport)
    assert not is_cut(transport)
    transport.abort()
    far.close()

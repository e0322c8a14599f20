"""Addresses that others name never lead inside."""

import socket
from contextvars import ContextVar
from typing import Any

import pytest

from gateway.outward import Outward, Unreachable, is_outside
from tests.gateway.conftest import bound, serving, url_of
from tests.gateway.world import answer

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1",
    "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1",
]  # fmt: skip


_ours: ContextVar[bool] = ContextVar("ours", default=False)


@pytest.mark.parametrize("host", INSIDE)
def test_what_is_inside_is_known(host: str) -> None:
    assert not is_outside(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "41.82.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_and_what_is_outside(host: str) -> None:
    assert is_outside(host)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        *((f"https://{h}/" if ":" not in h else f"https://[{h}]/", "INSIDE") for h in INSIDE),
        ("https://2130706433/", "UNREACHABLE"),
        ("https://0x7f.1/", "UNREACHABLE"),
        ("https://localhost/", "UNREACHABLE"),
        ("http://example.sn/", "NOT_HTTPS"),
        ("ftp://example.sn/", "NOT_HTTPS"),
        ("file:///etc/passwd", "NOT_HTTPS"),
    ],
)
async def test_nothing_inside_is_ever_called(
    monkeypatch: pytest.MonkeyPatch, url: str, why: str
) -> None:
    called: list[Any] = []
    connect = socket.socket.connect
    ours = _ours.set(True)  # others in this process speak to one another meanwhile

    def noted(self: socket.socket, address: Any) -> None:
        if _ours.get():
            called.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    with pytest.raises(Unreachable, match=why):
        await Outward(is_trial=False).get(url)
    _ours.reset(ours)
    assert called == []


async def test_a_name_that_leads_inside_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    reached: list[bool] = []

    async def inside(_scope: Any, _receive: Any, send: Any) -> None:
        reached.append(True)
        await answer(send, 200, b"{}")

    found = bound()
    async with serving(inside, found):
        port = url_of(found).rpartition(":")[2]
        with pytest.raises(Unreachable):
            await Outward(is_trial=False).get(f"https://localhost:{port}/")
        assert reached == []
        assert await Outward(is_trial=True).get(f"http://localhost:{port}/") == b"{}"
    assert reached == [True]

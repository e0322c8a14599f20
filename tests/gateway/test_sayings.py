"""A head that is known says what it said when the parser read it; whatever is not plainly the same
is read again."""

import asyncio

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.plane.said import Said
from gateway.plane.sayings import Sayings
from tests.gateway.world import Gateway, Recorder

_REST = b"\r\nHost: somewhere.example\r\nAccept: application/json\r\n\r\n"
_ONCE = frozenset((b"traceparent", b"x-request-id", b"authorization"))


class Parsed:
    """What the parser sees in some bytes."""

    def __init__(self, data: bytes) -> None:
        self.url, self.headers, self.whole = b"", list[tuple[bytes, bytes]](), 0
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_message_complete(self) -> None:
        self.whole += 1


def learnt(rest: bytes = _REST) -> Sayings:
    """Sayings that know one head."""
    found, target = Sayings(), b"/v1/cooperatives"
    data = b"GET " + target + b" HTTP/1.1" + rest
    assert found.is_worth(data)
    found.learn(data, target, Said(Parsed(data).headers, is_old=False))
    return found


@given(st.binary(max_size=40) | st.text("/?#% \t\r\nHTP1.GEv", max_size=40).map(str.encode))
def test_what_is_found_is_what_the_parser_sees(odd: bytes) -> None:
    sayings = learnt()
    for data in (
        b"GET /" + odd + b" HTTP/1.1" + _REST,
        b"GET /v1 HTTP/1.1" + odd + _REST,
        odd + b"GET /v1 HTTP/1.1" + _REST,
        b"GET /v1 HTTP/1.1" + _REST + odd,
    ):
        found = sayings.find(data)
        if found is not None:
            parsed = Parsed(data)
            assert (parsed.url, parsed.whole) == (found[0], 1)
            assert parsed.parser.get_method() == b"GET"
            assert parsed.parser.get_http_version() == "1.1"
            assert parsed.headers == list(found[1].headers)
            assert parsed.parser.should_keep_alive()
            assert not parsed.parser.should_upgrade()


@pytest.mark.parametrize("first", [b"/", b"/v1/a"])
def test_every_byte_of_an_address_is_what_the_parser_takes_it_for(first: bytes) -> None:
    sayings, found = learnt(), 0
    for n in range(256):
        target = first + bytes([n]) + b"b"
        known = sayings.find(b"GET " + target + b" HTTP/1.1" + _REST)
        if known is not None:
            assert known[0] == target == Parsed(b"GET " + target + b" HTTP/1.1" + _REST).url
            found += 1
    assert found == 93  # all that is printed, but for the space and what begins a fragment


def test_another_address_with_the_same_rest_is_found() -> None:
    found = learnt().find(b"GET /v1/filings?x=1&y=%20 HTTP/1.1" + _REST)
    assert found is not None
    assert found[0] == b"/v1/filings?x=1&y=%20"


@pytest.mark.parametrize(
    "data",
    [
        b"GET /v1/a HTTP/1.1\r\nHost: another.example\r\nAccept: application/json\r\n\r\n",
        b"GET /v1/a HTTP/1.0" + _REST,
        b"GET /v1/a HTTP/1.1 HTTP/1.1" + _REST,
        b"GET /v1/a#b HTTP/1.1" + _REST,
        b"GET /v1/\xc3\xa9 HTTP/1.1" + _REST,
        b"GET /v1/a\tb HTTP/1.1" + _REST,
        b"GET http://somewhere.example/v1/a HTTP/1.1" + _REST,
        b"HEAD /v1/a HTTP/1.1" + _REST,
        b"POST /v1/a HTTP/1.1" + _REST,
        b"GET /v1/a HTTP/1.1" + _REST + b"GET /v1/b HTTP/1.1" + _REST,
        b"GET /v1/a HTTP/1.1" + _REST[:-2],
        b"\r\nGET /v1/a HTTP/1.1" + _REST,
        b"GET /" + b"a" * 4_000 + b" HTTP/1.1" + _REST,
    ],
)
def test_what_is_not_plainly_the_same_is_not_found(data: bytes) -> None:
    assert learnt().find(data) is None


@pytest.mark.parametrize(
    "header",
    [
        b"X-Request-Id: mine",
        b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        b'If-None-Match: "1"',
        b'If-Match: "1"',
        b"Idempotency-Key: k",
        b"Content-Length: 1",
        b"Transfer-Encoding: chunked",
    ],
)
def test_what_belongs_to_one_request_alone_is_not_learnt(header: bytes) -> None:
    rest = b"\r\nHost: somewhere.example\r\n" + header + b"\r\n\r\n"
    data = b"GET /v1/a HTTP/1.1" + rest
    headers = [line.partition(b": ")[::2] for line in rest.lower().split(b"\r\n") if line]
    found = Sayings()
    found.learn(data, b"/v1/a", Said(headers, is_old=False))
    assert len(found) == 0


def test_only_so_many_are_remembered() -> None:
    found = Sayings()
    for n in range(1_500):
        data = b"GET /v1/a HTTP/1.1\r\nHost: h%d\r\n\r\n" % n
        found.learn(data, b"/v1/a", Said([(b"host", b"h%d" % n)], is_old=False))
    assert len(found) == 1_000
    assert found.find(b"GET /v1/a HTTP/1.1\r\nHost: h1499\r\n\r\n") is not None
    assert found.find(b"GET /v1/a HTTP/1.1\r\nHost: h1\r\n\r\n") is None


async def _asked(gateway: Gateway, sent: list[bytes]) -> list[bytes]:
    """The answers to requests that follow each other on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    answers = []
    try:
        for one in sent:
            writer.write(one)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            answers.append(head + await asyncio.wait_for(reader.readexactly(length), 10))
    finally:
        writer.close()
        await writer.wait_closed()
    return answers


@pytest.mark.parametrize("name", ["", "Accept-Encoding: gzip\r\n", "X-Odd:\tA  b \r\n"])
async def test_a_service_sees_the_same_whether_its_head_was_known(
    gateway: Gateway, registry: Recorder, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sayings = Sayings()  # those of all other tests may be as many as are remembered
    monkeypatch.setattr(gateway.app.state.plane, "sayings", sayings)
    token = await gateway.token("registrar")
    rest = f" HTTP/1.1\r\nHost: x.example\r\n{name}Authorization: Bearer {token}\r\n\r\n".encode()
    answers = await _asked(gateway, [b"GET /v1/cooperatives/k%d" % n + rest for n in range(3)])
    assert len(sayings) == 1
    seen = [one for one in registry.seen if one.target.startswith(b"/v1/cooperatives/k")][-3:]
    assert [one.target for one in seen] == [b"/v1/cooperatives/k%d" % n for n in range(3)]
    told = [[pair for pair in one.headers if pair[0] not in _ONCE] for one in seen]
    assert told[0] == told[1] == told[2]
    assert len({one.header(b"x-request-id") for one in seen}) == 3
    assert len({one.header(b"traceparent") for one in seen}) == 3
    for one, answer in zip(seen, answers, strict=True):
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"x-request-id: %b\r\n" % (one.header(b"x-request-id") or b"-") in answer


async def test_a_bad_token_is_refused_in_a_known_head_too(
    gateway: Gateway, registry: Recorder
) -> None:
    rest = b" HTTP/1.1\r\nHost: x.example\r\nAuthorization: Bearer a.b.c\r\n\r\n"
    answers = await _asked(gateway, [b"GET /v1/cooperatives/never" + rest] * 3)
    assert all(answer.startswith(b"HTTP/1.1 401 ") for answer in answers)
    assert not [one for one in registry.seen if one.target.endswith(b"/never")]


async def test_half_a_head_and_then_a_known_one_is_one_bad_request(
    gateway: Gateway, registry: Recorder
) -> None:
    whole = b"GET /v1/cooperatives/1" + b" HTTP/1.1" + _REST
    await _asked(gateway, [whole, whole])
    before = len(registry.seen)
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /v1/cooperatives/2 HTTP/1.1\r\nHost: x.example\r\nX-Odd: ")
    await asyncio.sleep(0.1)
    writer.write(whole)  # the value of the header goes on
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    writer.close()
    await writer.wait_closed()
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 200 "))
    targets = [one.target for one in registry.seen[before:] if one.method == "GET"]
    assert targets in ([], [b"/v1/cooperatives/2"])


async def test_a_known_head_within_a_body_is_body(gateway: Gateway, registry: Recorder) -> None:
    whole = b"GET /v1/cooperatives/1" + b" HTTP/1.1" + _REST
    await _asked(gateway, [whole, whole])
    before = len(registry.seen)
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"POST /v1/filings HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(whole))
    await asyncio.sleep(0.1)
    writer.write(whole)
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    writer.close()
    await writer.wait_closed()
    (seen,) = (one for one in registry.seen[before:] if one.target.startswith(b"/v1/"))
    assert (seen.target, seen.body) == (b"/v1/filings", whole)

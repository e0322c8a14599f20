"""Which coding an answer gets, and how versions are named in it."""

import gzip
import random
import zlib

import brotli
import pytest

from gateway.coding.coder import Coder
from gateway.coding.tags import bare, coded
from gateway.coding.wishes import BROTLI, GZIP, wish_of

BODY = b'{"name": "Diende", "status": "ACTIVE"}' * 100
PUBLIC = (b"cache-control", b"public, max-age=60")
JSON = (b"content-type", b"application/json")
LENGTH = (b"content-length", str(len(BODY)).encode())
PLAIN = [PUBLIC, JSON, LENGTH, (b"etag", b'"7"')]


def wish(text: str | None) -> list[tuple[bytes, bytes]]:
    return [] if text is None else [(b"accept-encoding", text.encode())]


def coder(text: str | None, headers: list[tuple[bytes, bytes]] = PLAIN, status: int = 200) -> Coder:
    return Coder(wish_of(wish(text)), status, headers)


def told(made: Coder) -> dict[bytes, bytes]:
    return dict(made.headers())


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", GZIP),
        ("x-gzip", GZIP),
        ("GZIP", GZIP),
        ("br", BROTLI),
        ("gzip, deflate, br, zstd", BROTLI),
        ("gzip;q=1, br;q=0.9", GZIP),
        ("gzip ; q=0.5 , br ; q=0.5", BROTLI),
        ("br;q=0, gzip;q=0.001", GZIP),
        ("br;q=0, gzip;q=0.000", None),
        ("*", BROTLI),
        ("*;q=0.5, br;q=0", GZIP),
        ("*;q=0", None),
        ("deflate, zstd", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", GZIP),
        ("identity;q=0, gzip;q=0.1", GZIP),
        ("gzip;q=2, br;q=x", None),
        ("gzip;q=0.1234", None),
        (";;;,,q=1", None),
        ("gzip, " * 100, None),
    ],
)
def test_the_callers_wish_decides(text: str | None, coding: bytes | None) -> None:
    assert told(coder(text)).get(b"content-encoding") == coding


def test_several_fields_are_one_list() -> None:
    sent = [(b"accept-encoding", b"gzip;q=0.5"), (b"accept-encoding", b"br")]
    assert wish_of(sent).coding == BROTLI


@pytest.mark.parametrize(("text", "read"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
@pytest.mark.parametrize("size", [1, 7, 1_000, 65_536])
def test_what_is_read_is_what_was_sent(text: str, read: object, size: int) -> None:
    made = coder(text)
    parts = [BODY[at : at + size] for at in range(0, len(BODY), size)]
    sent = b"".join([made.feed(part) for part in parts]) + made.end()
    assert read(sent) == BODY  # type: ignore[operator]
    assert len(sent) < len(BODY) / 5


@pytest.mark.parametrize("text", ["gzip", "br"])
def test_each_part_of_what_has_no_length_can_be_read_at_once(text: str) -> None:
    made = coder(text, [PUBLIC, JSON])
    reader = zlib.decompressobj(31).decompress if text == "gzip" else brotli.Decompressor().process
    for number in range(20):
        part = b'{"number": %d}\n' % number
        assert reader(made.feed(part)) == part


def test_the_headers_of_what_is_coded() -> None:
    said = coder("br", [*PLAIN, (b"accept-ranges", b"bytes"), (b"vary", b"Origin")]).headers()
    assert sorted(said) == [
        (b"cache-control", b"public, max-age=60"),
        (b"content-encoding", b"br"),
        (b"content-type", b"application/json"),
        (b"etag", b'"007"'),
        (b"vary", b"Accept-Encoding"),
        (b"vary", b"Origin"),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        [(b"cache-control", b"private, no-cache"), JSON, LENGTH],
        [(b"cache-control", b"no-store"), JSON, LENGTH],
        [(b"cache-control", b"public"), (b"cache-control", b"private"), JSON, LENGTH],
        [(b"cache-control", b"public, no-transform"), JSON, LENGTH],
        [(b"cache-control", b"max-age=60"), JSON, LENGTH],
        [JSON, LENGTH],
        [PUBLIC, JSON, LENGTH, (b"set-cookie", b"a=b")],
        [PUBLIC, JSON, (b"content-length", b"1023")],
        [PUBLIC, LENGTH],
        [PUBLIC, LENGTH, (b"content-type", b"image/png")],
        [PUBLIC, LENGTH, (b"content-type", b"application/pdf")],
        [PUBLIC, LENGTH, (b"content-type", b"application/zip")],
        [PUBLIC, (b"content-type", b"text/event-stream")],
        [PUBLIC, JSON, LENGTH, (b"content-encoding", b"gzip")],
        [PUBLIC, JSON, LENGTH, (b"content-range", b"bytes 0-1/2")],
        [PUBLIC, JSON, LENGTH, (b"content-digest", b"sha-256=:x:")],
        [PUBLIC, JSON, LENGTH, (b"x-jws-signature", b"a..b")],
    ],
)
def test_what_stays_as_it_is(changed: list[tuple[bytes, bytes]]) -> None:
    made = coder("br, gzip", changed)
    assert made.is_idle
    assert made.feed(BODY) == BODY
    assert made.end() == b""
    assert [pair for pair in made.headers() if pair[0] != b"vary"] == changed


@pytest.mark.parametrize("status", [204, 206, 301, 304, 404, 500])
def test_only_a_whole_good_answer_is_coded(status: int) -> None:
    assert coder("br", status=status).is_idle


@pytest.mark.parametrize(
    "kind", ["application/problem+json; charset=utf-8", "text/html", "text/calendar",
             "text/csv; header=present", "image/svg+xml", "application/javascript"]
)  # fmt: skip
def test_what_reads_like_text_is_squeezed(kind: str) -> None:
    assert not coder("gzip", [PUBLIC, (b"content-type", kind.encode())]).is_idle


def test_only_what_could_be_coded_varies() -> None:
    assert told(coder(None))[b"vary"] == b"Accept-Encoding"
    assert told(coder("gzip", status=304))[b"vary"] == b"Accept-Encoding"
    assert b"vary" not in told(coder("gzip", [JSON, LENGTH]))


def test_who_refuses_what_is_not_coded_gets_an_envelope_that_tells_no_lengths() -> None:
    private = [(b"cache-control", b"private"), JSON, LENGTH]
    lengths = set()
    for filling in (b"a", bytes(random.Random(3).randbytes(1))):
        made = coder("gzip, identity;q=0", private)
        assert told(made)[b"content-encoding"] == GZIP
        sent = made.feed(filling * 3_000) + made.end()
        assert gzip.decompress(sent) == filling * 3_000
        lengths.add(len(sent))
    made = coder("gzip;q=1, identity;q=0", private)
    noise = random.Random(4).randbytes(3_000)
    lengths.add(len(made.feed(noise) + made.end()))
    assert len(lengths) == 1
    assert coder("br, identity;q=0", private).is_idle


@pytest.mark.parametrize(
    ("tag", "in_gzip", "in_br"),
    [
        (b'"7"', b'"07"', b'"007"'),
        (b'"0"', b'"00"', b'"000"'),
        (b'"18446744073709551615"', b'"018446744073709551615"', b'"0018446744073709551615"'),
        (b'"abc"', b'"abc-gzip"', b'"abc-br"'),
        (b'W/"7"', b'W/"7"', b'W/"7"'),
    ],
)
def test_each_coding_of_a_version_has_a_validator(tag: bytes, in_gzip: bytes, in_br: bytes) -> None:
    assert (coded(tag, GZIP), coded(tag, BROTLI)) == (in_gzip, in_br)
    asked, _ = bare([(b"if-match", b", ".join((tag, in_gzip, in_br)))], wish_of([]))
    assert asked == [(b"if-match", b", ".join((tag, tag, tag)))]


def test_a_request_names_versions_alone() -> None:
    headers = [(b"if-none-match", b'"6", W/"007", "x-gzip", "a,b"'), (b"accept", b'"007"')]
    asked, held = bare(headers, wish_of(wish("br, gzip")))
    assert asked == [(b"if-none-match", b'"6", W/"7", "x", "a,b"'), (b"accept", b'"007"')]
    assert held == {b'"7"': BROTLI, b'"x"': GZIP}


def test_who_cannot_read_a_coding_holds_nothing_in_it() -> None:
    headers = [(b"if-none-match", b'"007"'), (b"if-match", b'"007"')]
    asked, _ = bare(headers, wish_of(wish("gzip")))
    assert asked == [(b"if-none-match", b'"007"'), (b"if-match", b'"7"')]


def test_what_is_unchanged_keeps_the_name_under_which_it_is_held() -> None:
    headers = [PUBLIC, (b"etag", b'"7"')]
    held = Coder(wish_of(wish("br")), 304, headers, {b'"7"': GZIP})
    assert told(held)[b"etag"] == b'"07"'
    other = Coder(wish_of(wish("br")), 304, headers, {b'"6"': GZIP})
    assert told(other)[b"etag"] == b'"7"'

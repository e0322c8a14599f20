"""Bodies of requests: in chunks, in pieces, large, waited for, answered early."""

from tests.compare.shape import Act, Shape, answer, ask, chunked, in_chunks, sized

_MEGABYTE = bytes(range(256)) * 4_096
_EXPECTS = "Expect: 100-continue"
_REFUSED = answer("Content-Length: 2", status="413 Content Too Large", body=b"no")


def _chunks(name: str, body: bytes) -> Shape:
    return Shape(f"chunks: {name}", (ask("Transfer-Encoding: chunked", method="POST", body=body),))


SHAPES = [
    Shape("chunks", (chunked(b"abc", b"de"),)),
    Shape("chunks: none", (chunked(),)),
    Shape("chunks: in pieces", (chunked(b"abc")[:-9], b"bc\r\n0\r", b"\n\r\n")),
    Shape("chunks: a megabyte", (chunked(*[_MEGABYTE[:65_536]] * 16),)),
    Shape("chunks: with trailers", (chunked(b"abc", trailers=b"X-Sum: 1\r\nHost: evil\r\n"),)),
    _chunks("extension", b'3;a=b;c="d"\r\nabc\r\n0\r\n\r\n'),
    _chunks("long extension", b"3;" + b"a" * 20_000 + b"\r\nabc\r\n0\r\n\r\n"),
    _chunks("capitals and zeros", b"0003\r\nabc\r\n00A\r\n0123456789\r\n0000\r\n\r\n"),
    _chunks("no number", b"x\r\nabc\r\n0\r\n\r\n"),
    _chunks("with a sign", b"+3\r\nabc\r\n0\r\n\r\n"),
    _chunks("in 0x", b"0x3\r\nabc\r\n0\r\n\r\n"),
    _chunks("blank before the size", b" 3\r\nabc\r\n0\r\n\r\n"),
    _chunks("blank after the size", b"3 \r\nabc\r\n0\r\n\r\n"),
    _chunks("longer than told", b"3\r\nabcd\r\n0\r\n\r\n"),
    _chunks("no line end", b"3\r\nabc0\r\n\r\n"),
    _chunks("line feeds alone", b"3\nabc\n0\n\n"),
    _chunks("past any number", b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
    _chunks("minus", b"-1\r\nabc\r\n0\r\n\r\n"),
    _chunks("empty size", b"\r\nabc\r\n0\r\n\r\n"),
    Shape("length: in pieces", (sized(b"abc")[:-2], b"b", b"c")),
    Shape("length: a megabyte", (sized(_MEGABYTE),)),
    Shape("length: a megabyte in pieces", (sized(_MEGABYTE)[:500_000], sized(_MEGABYTE)[500_000:])),
    Shape("body with zeros and accents", (sized("\x00é&=%20\r\n\r\n ".encode()),)),
    Shape("body that says it is gzip", (sized(b"\x1f\x8b\x08no", "Content-Encoding: gzip"),)),
    Shape("expects, waits", (ask(_EXPECTS, "Content-Length: 3", method="POST"), b"abc")),
    Shape("expects, does not wait", (sized(b"abc", _EXPECTS),)),
    Shape(
        "expects, in chunks",
        (ask(_EXPECTS, "Transfer-Encoding: chunked", method="POST"), in_chunks(b"abc")),
    ),
    Shape("expects something else", (sized(b"abc", "Expect: miracles"),)),
    Shape("expects in HTTP/1.0", (sized(b"abc", _EXPECTS).replace(b"HTTP/1.1", b"HTTP/1.0"),)),
    Shape("expects without a body", (ask(_EXPECTS),)),
    Shape(
        "early answer, small body",
        (sized(b"abc"),),
        Act((_REFUSED,), closes=True, is_early=True),
    ),
    Shape(
        "early answer, large body",
        (sized(_MEGABYTE * 4),),
        Act((_REFUSED,), closes=True, is_early=True),
    ),
]

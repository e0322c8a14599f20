"""What services answer, whole, odd or broken."""

from tests.compare.shape import Act, Shape, answer, ask, in_chunks

_CHUNKS = "Transfer-Encoding: chunked"
_TWO = "Content-Length: 2"
_TWICE = answer(_TWO, body=b"ok") + answer(_TWO, body=b"no")


def _answered(name: str, *pieces: bytes, closes: bool = False) -> Shape:
    return Shape(f"answer: {name}", (ask(),), Act(pieces, closes))


def _headed(name: str, *pieces: bytes) -> Shape:
    return Shape(f"answer: {name}", (ask(method="HEAD"),), Act(pieces), is_head=True)


_WHOLE = [
    _answered("chunks", answer(_CHUNKS, body=in_chunks(b"abc", b"de"))),
    _answered(
        "chunks with trailers", answer(_CHUNKS, body=in_chunks(b"a", trailers=b"X-T: 1\r\n"))
    ),
    _answered("chunks in pieces", answer(_CHUNKS, body=b"3\r\na"), b"bc\r\n", b"0\r\n\r\n"),
    _answered("until the end", answer(body=b"abc"), closes=True),
    _answered("of HTTP/1.0", answer(body=b"abc").replace(b"1.1", b"1.0"), closes=True),
    _answered("in pieces", answer(_TWO)[:20], answer(_TWO)[20:] + b"o", b"k"),
    _answered("a megabyte", answer("Content-Length: 1048576", body=b"m" * 1_048_576)),
    _answered("that closes", answer(_TWO, "Connection: close", body=b"ok"), closes=True),
    _answered("204", answer(status="204 No Content")),
    _answered("204 with a length", answer("Content-Length: 0", status="204 No Content")),
    _answered("205", answer("Content-Length: 0", status="205 Reset Content")),
    _answered("304", answer('ETag: "1"', status="304 Not Modified")),
    _answered("304 with a length", answer('ETag: "1"', _TWO, status="304 Not Modified")),
    _headed("HEAD with a length", answer("Content-Length: 571")),
    _headed("HEAD in chunks", answer(_CHUNKS)),
    _headed("HEAD with neither", answer("X-A: 1")),
    _answered(
        "hints first", answer("Link: </a>", status="103 Early Hints") + answer(_TWO, body=b"ok")
    ),
    _answered("100 unasked", answer(status="100 Continue") + answer(_TWO, body=b"ok")),
    _answered("404", answer(_TWO, status="404 Not Found", body=b"no")),
    _answered("500", answer(_TWO, status="500 Internal Server Error", body=b"no")),
    _answered(
        "503 with Retry-After", answer(_TWO, "Retry-After: 3", status="503 Busy", body=b"no")
    ),
    _answered("reason of its own", answer(_TWO, status="200 Fine", body=b"ok")),
    _answered("reason left out", answer(_TWO, status="200 ", body=b"ok")),
    _answered("status of its own", answer(_TWO, status="299 Odd", body=b"ok")),
]
_HEADERS = [
    _answered(
        "to another place", answer("Location: /v1/x", "Content-Length: 0", status="302 Found")
    ),
    _answered("two cookies", answer(_TWO, "Set-Cookie: a=1", "Set-Cookie: b=2", body=b"ok")),
    _answered("mixed case", answer(_TWO, "X-MiXeD: A", "X-MiXeD: B", body=b"ok")),
    _answered("Server and Date", answer(_TWO, "Server: s", "Date: then", body=b"ok")),
    _answered(
        "hop by hop", answer(_TWO, "Connection: X-Drop", "X-Drop: 1", "Keep-Alive: a", body=b"ok")
    ),
    _answered("offers an upgrade", answer(_TWO, "Upgrade: h2c", "Connection: Upgrade", body=b"ok")),
    _answered(
        "whom we vouch for", answer(_TWO, "X-Internal-User: r", "X-Forwarded-For: 1", body=b"ok")
    ),
    _answered("who may read", answer(_TWO, "Access-Control-Allow-Origin: *", body=b"ok")),
    _answered(
        "cache", answer(_TWO, "Cache-Control: max-age=60", 'ETag: W/"1"', "Vary: A", body=b"ok")
    ),
    _answered(
        "policy", answer(_TWO, "Content-Security-Policy: p", "X-Frame-Options: ALLOW", body=b"ok")
    ),
    _answered(
        "commands to nginx",
        answer(_TWO, "X-Accel-Limit-Rate: 9000", "X-Accel-Buffering: no", body=b"ok"),
    ),
    _answered("already in gzip", answer(_TWO, "Content-Encoding: gzip", body=b"ok")),
    _answered("letters as bytes", answer(_TWO, b"X-Latin: Thi\xe9s", body=b"ok")),
    _answered("folded", answer(_TWO, b"X-Folded: a\r\n b", body=b"ok")),
    _answered("blank before the colon", answer(_TWO, "X-Early : 1", body=b"ok")),
    _answered(
        "30 KB of head", answer(_TWO, *[f"X-{n}: {'a' * 3_000}" for n in range(10)], body=b"ok")
    ),
    _answered(
        "200 KB of head", answer(_TWO, *[f"X-{n}: {'a' * 4_000}" for n in range(50)], body=b"ok")
    ),
]
_BROKEN = [
    _answered("none", closes=True),
    _answered("garbage", b"\x00\x01\x02 garbage\r\n\r\n", closes=True),
    _answered("half a head", answer(_TWO)[:20], closes=True),
    _answered("half a body", answer("Content-Length: 10", body=b"half"), closes=True),
    _answered("half of the chunks", answer(_CHUNKS, body=b"3\r\nabc\r\n5\r\nde"), closes=True),
    _answered("bad chunk", answer(_CHUNKS, body=b"3\r\nabc\r\nzz\r\n"), closes=True),
    _answered("two lengths", answer(_TWO, "Content-Length: 3", body=b"oks"), closes=True),
    _answered("the same length twice", answer(_TWO, _TWO, body=b"ok")),
    _answered("length and chunks", answer(_TWO, _CHUNKS, body=in_chunks(b"abc"))),
    _answered("length that is none", answer("Content-Length: two", body=b"ok"), closes=True),
    _answered("more than its length", answer(_TWO, body=b"okEXTRA")),
    _answered("two at once", _TWICE),
    _answered(
        "switches unasked",
        answer("Upgrade: x", "Connection: Upgrade", status="101 Switching"),
        closes=True,
    ),
    _answered("status of two digits", answer(_TWO, status="20 OK", body=b"ok"), closes=True),
    _answered("status past all", answer(_TWO, status="999 Odd", body=b"ok")),
    _answered("without HTTP", b"hello\r\n", closes=True),
    _answered("204 with a body", answer(_TWO, status="204 No Content", body=b"ok"), closes=True),
]

SHAPES = [*_WHOLE, *_HEADERS, *_BROKEN]

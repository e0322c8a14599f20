"""The head of a request, and what becomes of the connection."""

from tests.compare.shape import PLACE, Shape, ask, chunked, sized

_LINES: dict[str, list[str | bytes]] = {
    "mixed case": ["X-MiXeD: MiXeD"],
    "the same twice": ["X-Twice: 1", "X-Other: o", "X-Twice: 2"],
    "empty value": ["X-Empty:"],
    "blanks around": ["X-Blank: \t  a  b \t "],
    "no blank": ["X-Tight:a"],
    "latin letters as bytes": [b"X-Latin: Thi\xe9s"],
    "letters in UTF-8": ["X-Utf: Thiès"],
    "underscore": ["x_under: 1"],
    "dot": ["x.dot: 1"],
    "sign that may stand there": ["x!#$%&'*+^`|~: 1"],
    "sign that may not": ["x(a): 1"],
    "folded": [b"X-Folded: a\r\n  b"],
    "blank before the colon": ["X-Early : 1"],
    "no colon": ["X-Nothing"],
    "no name": [": 1"],
    "NUL": [b"X-Nul: a\x00b"],
    "carriage return": [b"X-Cr: a\rb"],
    "100 lines": [f"X-Line-{n}: {n}" for n in range(90)],
    "20 KB": [f"X-Long-{n}: {'a' * 4_000}" for n in range(5)],
    "one of 9 KB": ["X-Long: " + "a" * 9_000],
    "40 KB": [f"X-Long-{n}: {'a' * 4_000}" for n in range(10)],
    "closing": ["Connection: close"],
    "keeping": ["Connection: keep-alive", "Keep-Alive: timeout=5"],
    "named by Connection": ["Connection: X-Drop, close", "X-Drop: 1", "X-Keep: 1"],
    "old proxies": ["Proxy-Connection: keep-alive", "Proxy-Authorization: Basic eDp5"],
    "TE": ["TE: trailers", "Connection: TE"],
    "upgrade to WebSocket": [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: eA==",
    ],
    "upgrade to HTTP/2": [
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: e",
    ],
    "who came before": ["X-Forwarded-For: 9.9.9.9", "X-Real-IP: 9.9.9.9", "Forwarded: for=9.9.9.9"],
    "whom we vouch for": ["X-Internal-User: root", "X-Request-Id: mine"],
    "cookie": ["Cookie: a=1; b=2"],
    "condition": ['If-None-Match: "1"', 'If-Match: "2"'],
    "range": ["Range: bytes=0-1"],
    "encodings": ["Accept-Encoding: gzip, br", "Accept: */*"],
    "trace": ["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
    "via": ["Via: 1.1 somebody"],
    "idempotency key": ["Idempotency-Key: k-1"],
    "trailers promised": ["Trailer: X-Sum"],
}
_HOSTS = [
    Shape("Host: none", (ask(host=None),)),
    Shape("Host: two", (ask("Host: other"),)),
    Shape("Host: empty", (ask(host=""),)),
    Shape("Host: with a port", (ask(host="door:8000"),)),
    Shape("Host: impossible", (ask(host="a/b c"),)),
]
_LENGTHS = {
    "with a plus": ["Content-Length: +3"],
    "negative": ["Content-Length: -3"],
    "in hex": ["Content-Length: 0x3"],
    "empty": ["Content-Length:"],
    "a list of the same": ["Content-Length: 3, 3"],
    "the same twice": ["Content-Length: 3", "Content-Length: 3"],
    "two of them": ["Content-Length: 3", "Content-Length: 4"],
    "past any number": ["Content-Length: 99999999999999999999"],
    "more than we take": ["Content-Length: 67108865"],
    "and chunks": ["Content-Length: 3", "Transfer-Encoding: chunked"],
    "after chunks": ["Transfer-Encoding: chunked", "Content-Length: 3"],
}
_CODINGS: dict[str, list[str | bytes]] = {
    "identity": ["Transfer-Encoding: identity"],
    "gzip, chunked": ["Transfer-Encoding: gzip, chunked"],
    "chunked, identity": ["Transfer-Encoding: chunked, identity"],
    "chunked twice": ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
    "almost chunked": ["Transfer-Encoding: xchunked"],
    "chunked behind a tab": [b"Transfer-Encoding:\tchunked"],
    "chunked in capitals": ["Transfer-Encoding: CHUNKED"],
    "blank before the colon": ["Transfer-Encoding : chunked"],
    "folded": [b"Transfer-Encoding:\r\n chunked"],
}
_SMUGGLED = b"3\r\nabc\r\n0\r\n\r\n"

SHAPES = [
    *(Shape(f"header: {name}", (ask(*lines),)) for name, lines in _LINES.items()),
    *_HOSTS,
    *(
        Shape(f"length: {name}", (ask(*lines, method="POST", body=_SMUGGLED),))
        for name, lines in _LENGTHS.items()
    ),
    *(
        Shape(f"coding: {name}", (ask(*lines, method="POST", body=_SMUGGLED),))
        for name, lines in _CODINGS.items()
    ),
    Shape(
        "coding: chunked in HTTP/1.0",
        (ask("Transfer-Encoding: chunked", method="POST", version="HTTP/1.0", body=_SMUGGLED),),
    ),
    Shape("pipeline: two GETs", (ask() + ask(target=f"{PLACE}/2"),), answers=2),
    Shape("pipeline: POST and GET", (sized(b"abc") + ask(target=f"{PLACE}/2"),), answers=2),
    Shape("pipeline: chunks and GET", (chunked(b"abc") + ask(target=f"{PLACE}/2"),), answers=2),
    Shape("pipeline: after a close", (ask("Connection: close") + ask(target=f"{PLACE}/2"),)),
    Shape("pipeline: garbage after", (ask() + b"\x00\x01\r\n\r\n",), answers=2),
    Shape("pipeline: HEAD and GET", (ask(method="HEAD") + ask(),), answers=2, is_head=True),
    Shape("caller ends its side", (ask(),), ends=True),
    Shape("byte by byte", tuple(bytes([one]) for one in ask("X-Slow: 1"))),
]

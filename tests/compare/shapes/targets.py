"""The first line: methods, addresses, versions."""

from tests.compare.shape import PLACE, Shape, ask, sized

_BODY = b'{"a": "b"}'

_METHODS = [
    Shape("GET", (ask(),)),
    Shape("HEAD", (ask(method="HEAD"),), is_head=True),
    Shape("POST", (sized(_BODY, "Content-Type: application/json"),)),
    Shape("PUT", (sized(_BODY, method="PUT"),)),
    Shape("PATCH", (sized(_BODY, method="PATCH"),)),
    Shape("DELETE", (ask(method="DELETE"),)),
    Shape("DELETE with a body", (sized(_BODY, method="DELETE"),)),
    Shape("OPTIONS", (ask(method="OPTIONS"),)),
    Shape("GET with a body", (sized(_BODY, method="GET"),)),
    Shape("POST without a length", (ask(method="POST"),)),
    Shape("POST of nothing", (sized(b""),)),
    Shape("TRACE", (ask(method="TRACE"),)),
    Shape("CONNECT", (ask(method="CONNECT", target="door:443"),)),
    Shape("method in lower case", (ask(method="get"),)),
    Shape("method of WebDAV", (ask(method="PROPFIND"),)),
    Shape("method that nobody knows", (ask(method="BREW"),)),
    Shape("method with a sign", (ask(method="GE;T"),)),
]

_PATHS = {
    "escaped slash": f"{PLACE}/a%2Fb%2fc",
    "two slashes": f"{PLACE}//a//b",
    "dot": f"{PLACE}/./a",
    "two dots": f"{PLACE}/../shape/a",
    "two dots escaped": f"{PLACE}/%2e%2E/shape",
    "too many dots": "/v1/cooperatives/../../../shape",
    "accents escaped": f"{PLACE}/Th%C3%A9%c3%a9",
    "accents as bytes": f"{PLACE}/Thié",
    "escape that is none": f"{PLACE}/a%zzb",
    "escape cut short": f"{PLACE}/a%4",
    "NUL escaped": f"{PLACE}/a%00b",
    "line end escaped": f"{PLACE}/a%0d%0ab",
    "parameters of a segment": f"{PLACE};v=1/a;b",
    "signs": f'{PLACE}/a|b"c<d>e^f`g{{h}}',
    "backslash": f"{PLACE}\\a",
    "tilde and plus": f"{PLACE}/~a+b",
    "slash at the end": f"{PLACE}/",
    "empty query": f"{PLACE}?",
    "query with order": f"{PLACE}?b=2&a=1&b=3&&=&c",
    "query with signs": f"{PLACE}?q=a+b%20c%2B;d=[1]&e='|'",
    "query with a question": f"{PLACE}?a?b?c=/../x//y",
    "query with accents": f"{PLACE}?q=Thiès",
    "fragment": f"{PLACE}?a=1#part",
    "whole address": f"http://door{PLACE}?a=1",
    "whole address of another host": f"http://other{PLACE}",
    "whole address of another scheme": f"ftp://door{PLACE}",
    "8,000 bytes": f"{PLACE}/{'a' * 7_950}",
    "10,000 bytes": f"{PLACE}/{'a' * 10_000}",
}
_VERSIONS = [
    Shape("HTTP/1.0", (ask(version="HTTP/1.0"),)),
    Shape("HTTP/1.0 without Host", (ask(version="HTTP/1.0", host=None),)),
    Shape("HTTP/1.0 that keeps", (ask("Connection: keep-alive", version="HTTP/1.0"),)),
    Shape("HTTP/1.2", (ask(version="HTTP/1.2"),)),
    Shape("HTTP/3.7", (ask(version="HTTP/3.7"),)),
    Shape("HTTP/2 out of the blue", (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",)),
    Shape("version in lower case", (ask(version="http/1.1"),)),
    Shape("no version", (f"GET {PLACE}\r\n\r\n".encode(),)),
    Shape("no address", (b"GET HTTP/1.1\r\nHost: door\r\n\r\n",)),
    Shape("two spaces", (ask(target=f" {PLACE}"),)),
    Shape("space in the address", (ask(target=f"{PLACE}/a b"),)),
    Shape("asterisk", (ask(method="OPTIONS", target="*"),)),
    Shape("empty lines before", (b"\r\n\r\n" + ask(),)),
    Shape("line feeds alone", (ask().replace(b"\r\n", b"\n"),)),
    Shape("no HTTP at all", (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",)),
]

SHAPES = [
    *_METHODS,
    *(Shape(f"address: {name}", (ask(target=target),)) for name, target in _PATHS.items()),
    *_VERSIONS,
]

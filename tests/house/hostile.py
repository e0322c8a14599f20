"""Bodies, headers and addresses that nobody sends by mistake; each carries a mark that must not
come back."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chassis.unions import shapes_in

MARK = "zq7Kmarked"
_MARK = MARK.encode()


@dataclass(frozen=True)
class Hostile:
    """Bytes (and headers) to send, and the one refusal that they deserve."""

    content: bytes
    status: int = 400
    code: str = "JSON_INVALID"
    headers: Mapping[str, str] = field(default_factory=dict)


def _media(kind: str, content: bytes = b"{}", **headers: str) -> Hostile:
    sent = {"Content-Type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return Hostile(content, 415, "UNSUPPORTED_MEDIA_TYPE", sent)


def _said(text: str) -> bytes:
    return f'{{"a": "{MARK}", "b": {text}}}'.encode()


# Without respect for what the route reads: what no route may read.
BODIES: dict[str, Hostile] = {
    "lone surrogate": Hostile(_said(f'"{MARK}\\ud800"')),
    "lone low surrogate": Hostile(_said(f'"{MARK}\\udfff{MARK}"')),
    "swapped surrogates": Hostile(_said(f'"{MARK}\\ude00\\ud83d"')),
    "surrogate in a name": Hostile(_said(f'{{"{MARK}\\ud800": 1}}')),
    "surrogate in UTF-8": Hostile(_said('"') + b'\xed\xa0\x80"}'),
    "NUL": Hostile(_said(f'"{MARK}\\u0000"')),
    "NUL in a name": Hostile(_said(f'{{"{MARK}\\u0000": 1}}')),
    "raw NUL": Hostile(_said('"\x00"')),
    "control character": Hostile(_said('"\x01\x1f"')),
    "NaN": Hostile(_said("NaN")),
    "Infinity": Hostile(_said("Infinity")),
    "-Infinity": Hostile(_said("-Infinity")),
    "beyond a double": Hostile(_said("1e400")),
    "deep arrays": Hostile(_said("[" * 10_000 + "]" * 10_000)),
    "deep objects": Hostile(_said('{"a":' * 10_000 + "1" + "}" * 10_000)),
    "deep and open": Hostile(b"[" * 100_000),
    "5,000 digits": Hostile(_said("7" * 5_000)),
    "5,000 digits, negative": Hostile(_said("-" + "7" * 5_000)),
    "5,000 digits in an exponent": Hostile(_said("1e" + "7" * 5_000)),
    "doubled name": Hostile(f'{{"{MARK}": 1, "{MARK}": 2}}'.encode()),
    "doubled name inside": Hostile(_said(f'[{{"{MARK}": 1, "\\u007aq7Kmarked": 2}}]')),
    "byte order mark": Hostile(b"\xef\xbb\xbf" + _said("1")),
    "truncated UTF-8": Hostile(_said('"')[:-1] + b'\xc3"}'),
    "overlong UTF-8": Hostile(_said('"') + b'\xc0\xaf"}'),
    "not UTF-8": Hostile(b'{"a": "\xff\xfe' + _MARK + b'"}'),
    "Latin-1": Hostile(f'{{"{MARK}": "é"}}'.encode("latin-1")),
    "UTF-16": Hostile(_said("1").decode().encode("utf-16")),
    "UTF-32": Hostile(_said("1").decode().encode("utf-32")),
    "cut off": Hostile(_said("1")[:-1]),
    "continued": Hostile(_said("1") + _MARK),
    "two values": Hostile(_said("1") + _said("1")),
    "single quotes": Hostile(f"{{'{MARK}': 1}}".encode()),
    "a comment": Hostile(_said(f"1 /* {MARK} */")),
    "a comma too many": Hostile(_said("[1, 2, ]")),
    "no JSON": Hostile(_MARK),
    "white space": Hostile(b" \t\r\n "),
    "form feed": Hostile(b"\x0c{}"),
    "a form": _media("application/x-www-form-urlencoded", f"a={MARK}".encode()),
    "several parts": _media(f"multipart/form-data; boundary={MARK}", _MARK),
    "XML": _media("application/xml", f"<!DOCTYPE a [<!ENTITY {MARK} SYSTEM 'file:///'>]>".encode()),
    "text": _media("text/plain"),
    "almost JSON": _media("application/jsonp"),
    "JSON lines": _media("application/x-ndjson", _said("1") + b"\n" + _said("1")),
    "a media type without form": _media(f"{MARK};;=;/"),
    "no media type": Hostile(b"{}", 415, "UNSUPPORTED_MEDIA_TYPE", {"Content-Type": ""}),
    "charset UTF-16": _media("application/json; charset=utf-16", _said("1")),
    "charset Latin-1": _media("application/json; charset=iso-8859-1", b'{"a": "\xe9"}'),
    "charset unknown": _media(f"application/json; charset={MARK}", _said("1")),
    "two charsets": _media("application/json; charset=utf-8; charset=utf-16", _said("1")),
    "gzip": _media("application/json", gzip.compress(_said("1")), Content_Encoding="gzip"),
    "gzip, only said": _media("application/json", _said("1"), Content_Encoding="gzip"),
    "two encodings": _media("application/json", _said("1"), Content_Encoding="identity, br"),
    "unknown encoding": _media("application/json", _said("1"), Content_Encoding=MARK),
}

# JSON that can be read and has no shape that any route asks for.
SHAPES: dict[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "a number": b"7",
    "a huge number": b"7" * 4_000,
    "a text": f'"{MARK}"'.encode(),
    "a list": f'["{MARK}"]'.encode(),
    "lists in lists": b"[" * 60 + _MARK.join([b'"', b'"']) + b"]" * 60,
    "a surplus name": json.dumps({f"<{MARK}>": 1}).encode(),
    "a long name": json.dumps({f"{MARK} " * 10_000: 1}).encode(),
    "many names": json.dumps({f"<{MARK}{n}>": n for n in range(20_000)}).encode(),
}

FORMS: dict[str, bytes] = {
    "unknown words": f"grant_type={MARK}&client_id={MARK}&scope={MARK}".encode(),
    "NUL": f"grant_type=client_credentials&client_id={MARK}%00&client_secret=%00".encode(),
    "raw bytes": b"grant_type=\xff\xfe" + _MARK,
    "escaped bytes": f"grant_type=client_credentials&scope=%ff%fe{MARK}".encode(),
    "surrogate": f"grant_type=client_credentials&scope=%ed%a0%80{MARK}".encode(),
    "doubled": f"grant_type=client_credentials&grant_type={MARK}".encode(),
    "many": "&".join(f"{MARK}{n}={MARK}" for n in range(500)).encode(),
    "long": f"grant_type={MARK * 3_000}".encode(),
    "an assertion": "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams"
    f"%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={MARK}.{MARK}".encode(),
    "nothing": b"",
}

QUERIES = (
    f"?cursor=%ed%a0%80{MARK}",
    f"?cursor=%ff{MARK}",
    f"?{MARK}!=1",
    f"?limit={MARK}&cursor={MARK}",
    f"?limit=1&limit={MARK}",
    f"?limit=%00{MARK}",
)
VALUES = (
    MARK,
    f"{MARK}%00",
    f"{MARK}%ff",
    f"%ed%a0%80{MARK}",
    f"..%2f{MARK}",
    f"{MARK};a=b",
    f"%3Cscript%3E{MARK}",
    MARK * 500,
)
HEADERS: dict[str, str] = {
    "Accept": f"{MARK}/{MARK}",
    "Accept-Language": f"{MARK}, en;q={MARK}",
    "Idempotency-Key": f"{MARK} {MARK}",
    "If-Match": f'"{MARK}"',
    "If-None-Match": f'W/"{MARK}"',
    "traceparent": f"00-{MARK}-01",
    "X-Request-Id": f"{MARK} {MARK}",
    "x-jws-signature": f"{MARK}..{MARK}",
    "Authorization": f"Bearer {MARK}",
}


def whole_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a body, with every shape that a part of it may turn out to have."""
    every: Any = [(shape, "validation") for shape in {model, *shapes_in(model)}]
    said, made = models_json_schema(every, ref_template="#/components/schemas/{model}")
    return {**said[model, "validation"], "$defs": made["$defs"]}


def marked(schema: Mapping[str, Any], leaf: Any) -> Any:
    """A value of the outline of `schema` in which every leaf is `leaf`, and every object has a
    surplus member."""
    definitions = schema.get("$defs", {})
    return _outline(schema, definitions, leaf, 0)


def _outline(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], leaf: Any, depth: int
) -> Any:
    schema = _resolved(schema, definitions)
    if depth < 8 and "properties" in schema:
        inside = {
            name: _outline(part, definitions, leaf, depth + 1)
            for name, part in schema["properties"].items()
        }
        return {**inside, f"<{MARK}>": leaf}
    if depth < 8 and "items" in schema:
        return [_outline(schema["items"], definitions, leaf, depth + 1)]
    return leaf


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        return _resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for choice in _choices(schema):
        found = _resolved(choice, definitions)
        if found.get("type") != "null":
            return found
    return schema


def _choices(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for word in ("anyOf", "oneOf", "allOf"):
        yield from schema.get(word, ())


LEAVES: dict[str, Any] = {
    "text": MARK,
    "a long text": MARK * 1_000,
    "a list": [MARK],
    "an object": {f"<{MARK}>": MARK},
    "a number as text": f"1{MARK}",
    "null": None,
    "true": True,
    "a fraction": 0.1,
    "a huge number": 10**400,
    "a date": f"2026-13-45T99:99:99{MARK}",
}

"""What may come back: the headers of every answer and the refusals of a route, by status."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chassis import errors

Answer = dict[str, Any]
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_WITHOUT_CODE = {"429": "Too many requests", "default": "Any other refusal"}
_NAMED_CODES = 3  # a component named after more codes than this reads badly


def _text(description: str, longest: int, **more: Any) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": longest, **more}
    return {"description": description, "schema": schema}


HEADERS: dict[str, Any] = {
    "RateLimit-Policy": _text(
        "The limits that hold for this caller: requests (`q`) in a window of seconds (`w`).",
        512,
        pattern="^[ -~]*$",
        examples=['"client";q=600;w=60, "daily";q=50000;w=86400'],
    ),
    "RateLimit": _text(
        "What is left of them (`r`), and for how many seconds (`t`).",
        512,
        pattern="^[ -~]*$",
        examples=['"client";r=597;t=41, "daily";r=48211;t=30011'],
    ),
    "Access-Control-Allow-Origin": _text(
        "The origin of the page that asked, if it is one that may; absent for any other.",
        255,
        format="uri",
    ),
    "Retry-After": {
        "description": "Seconds to wait before asking again.",
        "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86_400},
    },
    "WWW-Authenticate": _text("How to identify oneself.", 1_024, pattern="^[ -~]*$"),
    "Location": _text("Where what was made can be read.", 2_048, format="uri-reference"),
    "ETag": _text("The version, for `If-Match`.", 24, pattern='^"[0-9]+"$'),
    "Link": _text('The next page, `rel="next"`; absent at the end.', 2_048, pattern="^[ -~]*$"),
    "Idempotency-Replayed": _text(
        "Present when this key was answered before: this is the same answer.", 4, const="true"
    ),
}
_ALWAYS = ("RateLimit-Policy", "RateLimit", "Access-Control-Allow-Origin")
_RETRIED = dict.fromkeys(("409", "429", "503"), ("Retry-After",))
_OF_STATUS = {"401": ("WWW-Authenticate",), **_RETRIED}


@dataclass(frozen=True)
class Facts:
    """What can be told from a route about how it may refuse."""

    path: str
    scopes: tuple[str, ...] | None
    reads_token: bool
    reads_body: bool
    needs: frozenset[str]  # headers
    takes: frozenset[str]  # headers and query parameters, needed or not


def headers(*names: str) -> dict[str, Any]:
    """References to headers: those of every answer, and `names`."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*_ALWAYS, *names)}


def expected(facts: Facts) -> dict[str, list[str]]:
    """The codes with which the house itself may refuse on such a route, by status."""
    by_status: dict[str, list[str]] = {"429": [], "default": []}
    for kind in _kinds(facts):
        by_status.setdefault(str(kind.status), []).append(kind.code)
    return by_status


def _kinds(facts: Facts) -> Iterable[type[errors.Problem]]:
    yield from (errors.MalformedRequest, errors.Problem, errors.DatabaseUnavailable)
    for holds, kinds in _when(facts):
        if holds:
            yield from kinds


def _when(facts: Facts) -> Iterable[tuple[bool, Iterable[type[errors.Problem]]]]:
    yield facts.reads_token or facts.scopes is not None, [errors.Unauthenticated]
    yield bool(facts.scopes), [errors.InsufficientScope]
    yield "{" in facts.path, [errors.NotFound]
    yield "cursor" in facts.takes, [errors.CursorExpired]
    yield facts.reads_body, _BODY
    yield "Idempotency-Key" in facts.takes, _KEYED
    yield "If-Match" in facts.takes, [errors.PreconditionFailed]
    yield "If-Match" in facts.needs, [errors.PreconditionRequired]


_BODY = (errors.BodyTooLarge, errors.UnsupportedMediaType, errors.ValidationFailed)
_KEYED = (
    errors.IdempotencyKeyMissing,
    errors.IdempotencyKeyInvalid,
    errors.RequestInProgress,
    errors.IdempotencyKeyReused,
)


def refusal(status: str, codes: Iterable[str]) -> tuple[str | None, Answer]:
    """An answer that carries a problem, and the name under which it may be shared."""
    found = sorted(set(codes))
    answer = {
        "description": " · ".join(found) or _WITHOUT_CODE[status],
        "headers": headers(*_OF_STATUS.get(status, ())),
        "content": PROBLEM,
    }
    if len(found) > _NAMED_CODES:
        return None, answer
    names = [re.sub(r"[^A-Za-z]", "", code.title()) for code in found]
    return "Or".join(names) or _WITHOUT_CODE[status].title().replace(" ", ""), answer


def headers_of(facts: Facts, status: str) -> dict[str, Any]:
    """The headers of an answer that a route describes by itself."""
    if not status.startswith("2"):
        return headers(*_OF_STATUS.get(status, ()))
    more = ["Link"] if "cursor" in facts.takes else ["ETag"]
    if status == "201":
        more += ["Location"]
    if "Idempotency-Key" in facts.takes:
        more += ["Idempotency-Replayed"]
    return headers(*more)

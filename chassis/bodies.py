"""Reading a body: its media type, its size, its JSON, its shape, in that order."""

import json
import math
import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.answers import body_finding
from chassis.canonical import compact
from chassis.errors import BadRequest, Finding, UnsupportedMediaType, ValidationFailed

M = TypeVar("M", bound=BaseModel)
_MAX_DEPTH = 64
_EXACT = 2**53 - 1
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MAX_FINDINGS = 100  # an answer must not be many times larger than what it answers


class Incoming(BaseModel):
    """What callers send: unknown fields are refused, never ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)


class JsonInvalid(BadRequest):
    """The body is not an acceptable JSON text."""


async def raw_body(request: Request) -> bytes:
    """The bytes of a body that announces JSON, in UTF-8 and as they are."""
    media = request.headers.get("content-type", "").lower().replace(" ", "")
    if not media and not await request.body():
        return _nothing(request)
    if media.partition(";")[0] not in ("application/json", "application/merge-patch+json"):
        raise UnsupportedMediaType(expected="application/json")
    if media.partition(";")[2] not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise UnsupportedMediaType(expected="application/json; charset=utf-8")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType(expected="application/json")
    return await request.body() or _nothing(request)


def _nothing(request: Request) -> bytes:
    if request.method == "PATCH":  # nothing to change is nothing meant
        raise invalid("a JSON object")
    return b""  # an act without content, such as a submission


RawBody = Annotated[bytes, Depends(raw_body)]


def parse(raw: bytes) -> Any:
    """The JSON value of `raw`; refuses what PostgreSQL or a later reader would choke on.

    No body at all reads as an empty object.
    """
    if not raw:
        return {}
    try:
        value = json.loads(
            raw.decode(),  # RFC 8259: UTF-8; the module would also guess UTF-16 and UTF-32
            object_pairs_hook=_no_doubled_key,
            parse_constant=_no_constant,
            parse_float=_number,
        )
        _check_text(value, 0)
    except JsonInvalid:
        raise
    except (ValueError, RecursionError) as error:
        raise invalid("JSON") from error
    return value


def invalid(expected: str) -> JsonInvalid:
    """The refusal of a body that is no acceptable JSON, with what was expected."""
    finding = Finding(code="JSON_INVALID", pointer="", params={"expected": expected})
    return JsonInvalid(findings=[finding], expected=expected)


def _no_constant(name: str) -> Any:
    raise invalid(f"no {name}")


def _number(text: str) -> float | int:
    number = float(text)
    if math.isinf(number):
        raise invalid("no number beyond 1.8e308")
    # `7.0` and `7e0` are integers to JSON Schema, to RFC 8785 and to many writers of JSON
    is_whole = number.is_integer() and abs(number) <= _EXACT and Decimal(text) == int(number)
    return int(number) if is_whole else number


def _no_doubled_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise invalid("no doubled key")
    return found


def _check_text(value: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise invalid(f"at most {_MAX_DEPTH} levels")
    if isinstance(value, str):
        _check_string(value)
    elif isinstance(value, list):
        for item in value:
            _check_text(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_string(key)
            _check_text(item, depth + 1)


def _check_string(text: str) -> None:
    if _UNSTORABLE.search(text):
        raise invalid("no NUL character, no lone surrogate")


def read(model: type[M], raw: bytes) -> M:
    """`raw` as a `model`, or every finding about its shape at once (422)."""
    return check(model, parse(raw))


def check(model: type[M], value: Any, prefix: tuple[str | int, ...] = ()) -> M:
    """`value` as a `model`; `prefix` is where the value stands in the caller's body."""
    try:
        return model.model_validate_json(compact(value))
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
        findings = [body_finding(e, (*prefix, *e["loc"])) for e in errors[:MAX_FINDINGS]]
        raise ValidationFailed(findings=findings) from None


@cache
def _reader(model: type[M]) -> Callable[[bytes], Awaitable[M]]:
    async def read_body(raw: RawBody) -> M:
        return read(model, raw)

    read_body.model = model  # type: ignore[attr-defined]  # for the OpenAPI document
    return read_body


def Json(model: type[BaseModel]) -> Any:  # noqa: N802 - reads as a type: Annotated[X, Json(X)]
    """A route parameter read from a JSON body *after* the parameters declared before it.

    FastAPI's own body parameter is checked before any dependency may answer 401 or 404; the order
    of checks of the contract is the order of a route's parameters.
    """
    return Depends(_reader(model))

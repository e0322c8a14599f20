"""What stands in the address. Query parameters are a closed list: a misspelt filter must not
silently return everything."""

import difflib
import re
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_to_bytes
from uuid import UUID

from fastapi import Depends, Path, Request
from fastapi.dependencies.models import Dependant

from chassis.errors import Finding, MalformedRequest, NotFound, is_name


def _declared(route: Any) -> frozenset[str]:
    if not hasattr(route, "known_parameters"):
        route.known_parameters = frozenset(_names(route.dependant))
    known: frozenset[str] = route.known_parameters
    return known


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for child in dependant.dependencies:
        yield from _names(child)


def pairs(query: bytes) -> list[tuple[str, str]]:
    """Names and values as they stand in an address, in their order."""
    text = query.decode("latin-1")
    if "%" in text or "+" in text:  # what is written otherwise than it reads
        return parse_qsl(text, keep_blank_values=True)
    parts = (part.partition("=") for part in text.split("&") if part)
    return [(name, value) for name, _, value in parts]


def known_parameters(request: Request) -> None:
    """Refuse unknown or repeated query parameters (400), with the nearest known name."""
    query = request.scope["query_string"]
    if not query:
        return
    said = pairs(query)
    sent = [name for name, _ in said]
    if b"%" in query or not query.isascii():
        _demand_utf8(query)
    known = _declared(request.scope["route"])
    if len(set(sent)) < len(sent) or not known.issuperset(sent):
        wrong = {n for n in sent if n not in known} | {n for n in sent if sent.count(n) > 1}
        raise MalformedRequest(findings=[_finding(name, known) for name in sorted(wrong)])
    unreadable = [name for name, value in said if not _is_text(value)]
    if unreadable:
        params = {"expected": "text without NUL"}
        raise MalformedRequest(
            findings=[Finding(code="FIELD_INVALID", parameter=n, params=params) for n in unreadable]
        )


def _demand_utf8(query: bytes) -> None:
    # a lenient reader would put U+FFFD in the place of what it cannot read, and search for that
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        params = {"expected": "UTF-8"}
        raise MalformedRequest(findings=[Finding(code="FIELD_INVALID", params=params)]) from None


def _is_text(value: str) -> bool:
    return value.isprintable() or _is_harmless(value)


def _is_harmless(value: str) -> bool:
    return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def _finding(name: str, known: frozenset[str]) -> Finding:
    near = difflib.get_close_matches(name, known, n=1)
    params = {"known": ", ".join(sorted(known)) or "–", **({"suggestion": near[0]} if near else {})}
    said = name if is_name(name) else None
    return Finding(code="PARAMETER_UNKNOWN", parameter=said, params=params)


_UUID = {"format": "uuid", "maxLength": 36}


async def _path_id(id: Annotated[str, Path(json_schema_extra=_UUID)]) -> UUID:
    try:
        found = UUID(id)
    except ValueError:
        raise NotFound() from None
    if str(found) != id.lower():
        raise NotFound()
    return found


# A malformed id is 404 in its turn. Declared as a plain `UUID` it would be refused last, after the
# key and the body: FastAPI collects what is wrong with parameters and goes on with dependencies.
PathId = Annotated[UUID, Depends(_path_id)]
# A code, a name or a key's own id; nothing has a longer one, so that it is 404.
PathCode = Annotated[str, Path(max_length=64)]


_NAME = re.compile(r"[A-Za-z0-9._~-]{1,80}")
_NAMED: dict[str, Any] = {"pattern": f"^{_NAME.pattern}$", "maxLength": 80}


async def _path_name(id: Annotated[str, Path(json_schema_extra=_NAMED)]) -> str:
    if not _NAME.fullmatch(id):
        raise NotFound()
    return id


# The same for things that have an opaque name instead of a UUID.
PathName = Annotated[str, Depends(_path_name)]

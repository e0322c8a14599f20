"""Query parameters are a closed list: a misspelt filter must not silently return everything."""

import difflib
from collections.abc import Iterator
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant

from chassis.errors import Finding, MalformedRequest

_by_route: dict[int, frozenset[str]] = {}  # routes live as long as the process


def _declared(route: Any) -> frozenset[str]:
    if id(route) not in _by_route:
        _by_route[id(route)] = frozenset(_names(route.dependant))
    return _by_route[id(route)]


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for child in dependant.dependencies:
        yield from _names(child)


def known_parameters(request: Request) -> None:
    """Refuse unknown or repeated query parameters (400), with the nearest known name."""
    sent = [name for name, _ in request.query_params.multi_items()]
    if not sent:
        return
    known = _declared(request.scope["route"])
    wrong = {n for n in sent if n not in known} | {n for n in sent if sent.count(n) > 1}
    if wrong:
        raise MalformedRequest(findings=[_finding(name, known) for name in sorted(wrong)])


def _finding(name: str, known: frozenset[str]) -> Finding:
    near = difflib.get_close_matches(name, known, n=1)
    params = {"known": ", ".join(sorted(known)) or "–", **({"suggestion": near[0]} if near else {})}
    safe = name[:60].encode("ascii", "replace").decode()
    return Finding(code="PARAMETER_UNKNOWN", parameter=safe, params=params)

"""Which "as you have it" costs nothing: the one of who names the version that they hold."""

import re
from collections.abc import Iterable

# One version in its three codings (`gateway.coding.tags`). `*` names none (it asks whether there is
# anything: RFC 9110 §13.1.2), and a long list is a guess.
_HELD = re.compile(rb'\s*(?:W/)?"[^"]*"\s*(?:,\s*(?:W/)?"[^"]*"\s*){0,2}')


def counted_as(status: int, asked: Iterable[tuple[bytes, bytes]]) -> int:
    """The status of an answer as limits see it; `asked`: the headers of the request."""
    if status != 304:
        return status
    named = b",".join(value for name, value in asked if name == b"if-none-match")
    return status if _HELD.fullmatch(named) else 200

"""A request that must succeed, and the usual ways of making one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.makers import Makers


@dataclass(frozen=True)
class Fit:
    """A request that must succeed: who asks, for which object, with what."""

    role: str | None
    values: dict[str, str] = field(default_factory=dict)
    body: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    ends_at: float | None = None  # on the monotonic clock: what is in it holds no longer then


Recipe = Callable[[Makers], Fit]


def anyone(**values: str) -> Recipe:
    return lambda _: Fit(None, values)


def free(role: str, **query: Any) -> Recipe:
    return lambda _: Fit(role, query=query)


def known(role: str | None, kind: str, name: str = "id", **query: Any) -> Recipe:
    """One of the objects that were made before."""
    return lambda makers: Fit(role, {name: makers.some(kind)}, query=query)


def new(role: str, body: Callable[[Makers], Any]) -> Recipe:
    return lambda makers: Fit(role, body=body(makers))


def on(role: str, make: Callable[[Makers], Any], body: Any = None) -> Recipe:
    """An act on an object made for it, known by its path or as it was read."""

    def recipe(makers: Makers) -> Fit:
        made = make(makers)
        return Fit(role, {"id": id_of(made)}, {} if body is None else body)

    return recipe


def id_of(made: Any) -> str:
    return made.rpartition("/")[2] if isinstance(made, str) else str(made["id"])

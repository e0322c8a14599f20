"""Every route of the contract is counted, and as what it costs. The words of
`gateway.limits.classes` live apart from the routing table: a route that is added is judged here."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from gateway.contract.document import committed, merged
from gateway.limits.classes import HEAVY_WORDS, READS, by_address, is_free, of_way
from gateway.limits.tiers import RouteClass
from gateway.routes_table import BUILT_IN
from gateway.upstreams.priorities import Priority, priority_of

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
# What is no file: what every route speaks, and the pages and forms of the issuer.
PLAIN = ("json", "text/html", "x-www-form-urlencoded")
SMALL_FILES = frozenset(
    {"/v1/cooperatives/{id}/obligations.ics", "/v1/training-certificates/{id}/credential"}
)


class Operation(NamedTuple):
    method: str
    path: str
    told: dict[str, Any]

    @property
    def word(self) -> str:
        return self.path.split("/")[2]

    def media(self) -> set[str]:
        bodies = [self.told.get("requestBody", {}), *self.told.get("responses", {}).values()]
        return {kind for body in bodies for kind in body.get("content", {})}

    def carries_a_file(self) -> bool:
        return any(not kind.endswith(PLAIN) for kind in self.media())

    def searches(self) -> bool:
        return any(found.get("name") == "q" for found in self.told.get("parameters", ()))


def operations() -> Iterator[Operation]:
    for path, item in merged(committed())["paths"].items():
        base = item.get("servers", [{"url": "/v1"}])[0]["url"].rstrip("/")
        for method, told in item.items():
            if method in METHODS:
                yield Operation(method.upper(), base + path, told)


ALL = list(operations())
OF_V1 = [found for found in ALL if found.path.startswith("/v1/")]


def class_of(found: Operation, query: bytes = b"") -> RouteClass:
    return of_way(found.path, found.method, query, is_known=True)


def test_there_are_routes() -> None:
    assert len(OF_V1) > 150
    assert sum(found.carries_a_file() for found in OF_V1) >= 4


@pytest.mark.parametrize("found", ALL, ids=lambda found: f"{found.method} {found.path}")
def test_every_route_is_counted_as_what_it_is(found: Operation) -> None:
    if not found.path.startswith("/v1/"):
        is_counted = by_address(found.path) is not None or not is_free(found.path)
        assert is_counted or found.path.startswith("/health/")
        return
    assert not is_free(found.path)
    assert by_address(found.path) is None
    plain = RouteClass.READS if found.method in READS else RouteClass.WRITES
    is_heavy = found.word in HEAVY_WORDS
    assert class_of(found) is (RouteClass.HEAVY if is_heavy else plain)
    if found.carries_a_file():
        assert is_heavy or found.path in SMALL_FILES
    if found.searches():
        assert class_of(found, b"limit=2&q=jappoo") is RouteClass.HEAVY


def test_every_heavy_word_is_a_route() -> None:
    assert {word.encode() for word in HEAVY_WORDS} <= set(BUILT_IN.words)


def test_what_is_heavy_is_given_up_first() -> None:
    for word in (word.decode() for word in BUILT_IN.words):
        is_bulk = priority_of("GET", f"/v1/{word}") is Priority.BULK
        assert is_bulk is (of_way(f"/v1/{word}", "GET", b"", is_known=True) is RouteClass.HEAVY)

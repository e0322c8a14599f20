"""Two schemas, before and after, seen from whoever relied on the first one."""

from collections.abc import Iterator
from typing import Any

from contract.breaks.values import Direction, Schema, value_breaks

_SHAPE = "x-shape"  # the name of the component that a resolved schema was
_COMBINED = ("anyOf", "oneOf")


class Shapes:
    """Compares schemas of two documents, following references on each side in its own.

    What breaks in a component is told of the component, wherever it is used.
    """

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new
        self._known: dict[tuple[str, str, Direction], list[str]] = {}

    def breaks(self, old: Schema, new: Schema, direction: Direction, at: str) -> list[str]:
        """What breaks between two schemas; `at` says where they stand."""
        before, after = _choices(old, self._old), _choices(new, self._new)
        # each shape that one side may bring needs one that the other side understands
        brought, understood = (before, after) if direction == "sent" else (after, before)
        return list(_renamed(old, new)) + [
            found
            for shape in brought
            if not any(self._fits(shape, other, direction) for other in understood)
            for found in self._explain(shape, understood, direction, at)
        ]

    def _fits(self, brought: Schema, understood: Schema, direction: Direction) -> bool:
        old, new = (brought, understood) if direction == "sent" else (understood, brought)
        return not self._plain(old, new, direction, "")

    def _explain(
        self, brought: Schema, understood: list[Schema], direction: Direction, at: str
    ) -> list[str]:
        alike = [other for other in understood if other.get("type") == brought.get("type")]
        if len(alike) == 1:
            old, new = (brought, alike[0]) if direction == "sent" else (alike[0], brought)
            return self._plain(old, new, direction, at)
        verb = "is no longer accepted" if direction == "sent" else "may come now"
        return [f"{at}: {_name(brought)} {verb}"]

    def _plain(self, old: Schema, new: Schema, direction: Direction, at: str) -> list[str]:
        first, second = old.get(_SHAPE), new.get(_SHAPE)
        if first is None or second is None:
            return list(self._fresh(old, new, direction, at))
        pair = (first, second, direction)
        if pair not in self._known:
            self._known[pair] = []  # a shape that holds itself is asked about again meanwhile
            self._known[pair] = list(self._fresh(old, new, direction, first))
        return self._known[pair]

    def _fresh(self, old: Schema, new: Schema, direction: Direction, at: str) -> Iterator[str]:
        if not _is_type_kept(old, new, direction):
            yield f"{at}: was {_name(old)} and is {_name(new)} ({direction})"
            return
        yield from (f"{at}: {found} ({direction})" for found in value_breaks(old, new, direction))
        yield from self._fields(old, new, direction, at)
        for name, mark in (("items", "[]"), ("additionalProperties", "{}")):
            first, second = old.get(name), new.get(name)
            if isinstance(first, dict) and isinstance(second, dict):
                yield from self.breaks(first, second, direction, at + mark)
        yield from _openness(old, new, direction, at)

    def _fields(self, old: Schema, new: Schema, direction: Direction, at: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before:
            if name in after:
                yield from self.breaks(before[name], after[name], direction, f"{at}.{name}")
            else:
                yield f"{at}.{name}: is gone ({direction})"
        was, now = set(old.get("required", ())), set(new.get("required", ()))
        if direction == "sent":
            yield from (f"{at}.{name}: is required (sent)" for name in sorted(now - was))
        else:
            lost = sorted((was - now) & after.keys())
            yield from (f"{at}.{name}: may be absent (read)" for name in lost)


def _renamed(old: Schema, new: Schema) -> Iterator[str]:
    """Generated clients have a class of each name, which somebody imports."""
    was, now = _names(old), _names(new)
    if was - now and now - was:
        yield f"{' or '.join(sorted(was - now))}: is called {' or '.join(sorted(now - was))}"


def _names(schema: Schema) -> set[str]:
    options = [schema, *(option for name in _COMBINED for option in schema.get(name, ()))]
    return {option["$ref"].rpartition("/")[2] for option in options if "$ref" in option}


def _choices(schema: Schema, document: Schema) -> list[Schema]:
    """The alternatives of a schema, each of one type and without a reference at its top."""
    whole = _resolved(schema, document)
    for name in _COMBINED:
        if name in whole:
            rest = {key: value for key, value in whole.items() if key != name}
            options = (_resolved(option, document) for option in whole[name])
            return [c for option in options for c in _choices({**rest, **option}, document)]
    types = whole.get("type")
    return [{**whole, "type": one} for one in types] if isinstance(types, list) else [whole]


def _resolved(schema: Schema, document: Schema) -> Schema:
    found = schema
    while "$ref" in found:
        rest = {key: value for key, value in found.items() if key != "$ref"}
        name = found["$ref"].rpartition("/")[2]
        found = {**document["components"]["schemas"][name], _SHAPE: name, **rest}
    for part in found.get("allOf", ()):
        rest = {key: value for key, value in found.items() if key != "allOf"}
        found = _joined(rest, _resolved(part, document))
    return found


def _joined(first: Schema, second: Schema) -> Schema:
    both = {**first, **second}
    both["properties"] = {**first.get("properties", {}), **second.get("properties", {})}
    both["required"] = [*first.get("required", ()), *second.get("required", ())]
    return both


def _is_type_kept(old: Schema, new: Schema, direction: Direction) -> bool:
    brought, understood = (old, new) if direction == "sent" else (new, old)
    first, second = brought.get("type"), understood.get("type")
    return second is None or first == second or (first, second) == ("integer", "number")


def _openness(old: Schema, new: Schema, direction: Direction, at: str) -> Iterator[str]:
    was, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if direction == "sent" and was is not False and now is False:
        yield f"{at}: other fields are refused (sent)"
    if direction == "read" and isinstance(was, dict) and now is True:
        yield f"{at}: other fields may hold anything (read)"


def _name(schema: Schema) -> Any:
    kind = schema.get("type", "anything")
    return kind if kind == "null" else schema.get(_SHAPE) or schema.get("format") or kind

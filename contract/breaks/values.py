"""Bounds and closed lists of one value, before and after.

A caller's value must stay acceptable: what is *sent* may only be bounded less. Our value must stay
readable: what is *read* may only be bounded more. A closed list of read values may grow, because
v1 says so: clients ignore what they do not know. A list of one is no list: it is what tells one
shape from another.
"""

from collections.abc import Iterator
from math import inf
from typing import Any, Literal

from jsonschema import Draft202012Validator

Direction = Literal["sent", "read"]
Schema = dict[str, Any]
_CEILINGS = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_COUNTS = ("minLength", "minItems", "minProperties")
_FLOORS = (*_COUNTS, "minimum", "exclusiveMinimum")
_SHAPES = ("pattern", "format", "multipleOf", "uniqueItems")
_BOUNDS = (*_CEILINGS, *_FLOORS, *_SHAPES)
_WIDER = {("int32", "int64"), ("float", "double")}


def value_breaks(old: Schema, new: Schema, direction: Direction) -> Iterator[str]:
    """What breaks in the bounds and closed lists of a value."""
    old, new = _inclusive(old), _inclusive(new)
    # what `narrow` excludes, `wide` must exclude too
    narrow, wide = (new, old) if direction == "sent" else (old, new)
    if not _is_list_within(wide, narrow):
        yield from (_changed(name, old, new) for name in _unkept(narrow, wide))
    yield from _list_breaks(_closed(old), _closed(new), direction)
    if direction == "sent" and "default" in old and _default(old) != _default(new):
        yield _changed("default", old, new)


def _unkept(narrow: Schema, wide: Schema) -> Iterator[str]:
    for name in (*_CEILINGS, *_FLOORS):
        if name in narrow and _excludes_more(name, narrow[name], wide.get(name)):
            yield name
    yield from (name for name in _SHAPES if _is_other(narrow.get(name), wide.get(name)))


def _is_list_within(wide: Schema, narrow: Schema) -> bool:
    """Whether every value of a closed list keeps the bounds: then the list needs none itself."""
    listed = _closed(wide)
    bounds = {name: narrow[name] for name in _BOUNDS if name in narrow}
    asked = Draft202012Validator(bounds, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return listed is not None and all(asked.is_valid(value) for value in listed)


def _default(schema: Schema) -> Any:
    said = schema.get("default")
    if not isinstance(said, dict):
        return said
    # a member that is null in a default was not sent, and an object without members says nothing
    return {name: value for name, value in said.items() if value is not None} or None


def _inclusive(schema: Schema) -> Schema:
    if schema.get("type") != "integer":
        return schema
    whole = dict(schema)
    if "exclusiveMaximum" in whole:
        whole["maximum"] = whole.pop("exclusiveMaximum") - 1
    if "exclusiveMinimum" in whole:
        whole["minimum"] = whole.pop("exclusiveMinimum") + 1
    return whole


def _changed(name: str, old: Schema, new: Schema) -> str:
    before, after = (repr(one[name]) if name in one else "none" for one in (old, new))
    return f"{name} was {before} and is {after}"


def _excludes_more(name: str, narrow: Any, wide: Any) -> bool:
    if name in _CEILINGS:
        return bool(narrow < (inf if wide is None else wide))
    nothing = 0 if name in _COUNTS else -inf
    return bool(narrow > (nothing if wide is None else wide))


def _is_other(narrow: Any, wide: Any) -> bool:
    return bool(narrow) and narrow != wide and (wide, narrow) not in _WIDER


def _closed(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    found: list[Any] | None = schema.get("enum")
    return found


def _list_breaks(
    old: list[Any] | None, new: list[Any] | None, direction: Direction
) -> Iterator[str]:
    if direction == "sent" and new is not None:
        if old is None:
            yield f"only {', '.join(map(repr, new))} is accepted"
        yield from (f"{value!r} is refused" for value in old or () if value not in new)
    if direction == "read" and old is not None:
        if new is None:
            yield "may be anything, not one of a list"
        elif len(old) == 1 and new != old:
            yield f"is not always {old[0]!r}"
        elif not [value for value in old if value in new]:
            yield f"is never {' or '.join(map(repr, old))}"

"""Bounds of what crosses the wire, as the document declares them.

What callers send is bounded where it is read (`Field(max_length=…)`, `chassis.fields`), so that
nothing is declared which is not enforced. What we answer is bounded here, once, by ceilings that
no answer reaches; answers stay open to new fields (v1 promises to grow), bodies do not.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
LARGEST = 9_007_199_254_740_991  # 2^53 - 1: beyond it readers in double precision lose units
LONGEST_TEXT = 65_536
MOST_ITEMS = 10_000
LONGEST_FORM = 16_384  # what `max_body_bytes` is set to where a form is read
_INT32 = 2_147_483_647
_LENGTHS = {"uuid": 36, "date": 10, "date-time": 35, "uri": 2_048, "email": 254}
_FREE_TEXT = r"^[^\x00]*$"  # PostgreSQL stores no NUL, so that nobody may send one
_RESTRICTED = {"format", "pattern", "enum", "const"}


def inside(schema: Any) -> Iterator[Schema]:
    """A schema and every schema in it; references are not followed."""
    if not isinstance(schema, dict):
        return
    yield schema
    for name in ("items", "additionalProperties", "not"):
        yield from inside(schema.get(name))
    for name in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for child in schema.get(name, ()):
            yield from inside(child)
    for child in schema.get("properties", {}).values():
        yield from inside(child)


def finish_body(schema: Schema) -> Schema:
    """What callers send: said more precisely, never bounded beyond what is enforced."""
    for part in inside(schema):
        _describe(part)
    return schema


def finish_form(schema: Schema) -> Schema:
    """A form, which is read whole and never longer than `LONGEST_FORM`."""
    for part in inside(schema):
        if "string" in _types(part) and not part.keys() & {"maxLength", "enum", "const"}:
            part["maxLength"] = LONGEST_FORM
    return finish_body(schema)


def finish_answer(schema: Schema) -> Schema:
    """What we answer: bounded, and open to fields that a later version may add."""
    for part in inside(schema):
        if part.get("additionalProperties") is False:
            del part["additionalProperties"]
        _bound(part)
        _describe(part)
    return schema


def _types(schema: Schema) -> list[str]:
    said = schema.get("type", [])
    return [said] if isinstance(said, str) else said


def _bound(schema: Schema) -> None:
    types = _types(schema)
    if "string" in types and not schema.keys() & {"maxLength", "enum", "const"}:
        schema["maxLength"] = _LENGTHS.get(schema.get("format", ""), LONGEST_TEXT)
    if "integer" in types:
        if not schema.keys() & {"minimum", "exclusiveMinimum"}:
            schema["minimum"] = 0
        if not schema.keys() & {"maximum", "exclusiveMaximum"}:
            schema["maximum"] = LARGEST
    if "array" in types:
        schema.setdefault("maxItems", MOST_ITEMS)


def _describe(schema: Schema) -> None:
    if isinstance(schema.get("title"), str):
        del schema["title"]  # the name of the component or field, said twice
    if schema.get("default", ...) is None:
        del schema["default"]  # in a merge patch null takes away; anywhere else it says nothing
    types = _types(schema)
    if "string" in types and not schema.keys() & _RESTRICTED:
        schema["pattern"] = _FREE_TEXT
    if "integer" in types:
        schema.setdefault("format", "int32" if _is_small(schema) else "int64")


def _is_small(schema: Schema) -> bool:
    ends = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
    found = [schema[end] for end in ends if end in schema]
    return len(found) == 2 and all(abs(end) <= _INT32 for end in found)

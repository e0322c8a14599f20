"""Where remarks point, and what changed since they were made: pure functions over JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

MOST_POINTERS = 500
_Schema = dict[str, Any]


def steps_of(pointer: str) -> list[str]:
    """The steps of an RFC 6901 pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def leads_somewhere(pointer: str, schema: _Schema, body: Any) -> bool:
    """Whether a pointer names something that a body of this schema may hold. An item of a list
    must be in the body, or be the one that is missing behind the last (`-`)."""
    known = schema.get("$defs", {})
    places, node = [schema], body
    for step in steps_of(pointer):
        places = [inner for place in places for inner in _within(place, step, node, known)]
        node = _child(node, step)
    return bool(places)


def _within(place: _Schema, step: str, node: Any, known: _Schema) -> Iterator[_Schema]:
    if "$ref" in place:
        yield from _within(known[place["$ref"].rpartition("/")[2]], step, node, known)
    for choice in (*place.get("anyOf", ()), *place.get("oneOf", ()), *place.get("allOf", ())):
        yield from _within(choice, step, node, known)
    if step in place.get("properties", {}):
        yield place["properties"][step]
    if "items" in place and (step == "-" or _index(step, node) is not None):
        yield place["items"]


def _index(step: str, node: Any) -> int | None:
    is_number = step.isascii() and step.isdigit() and (step == "0" or step[0] != "0")
    if not is_number or not isinstance(node, list) or len(step) > 6 or int(step) >= len(node):
        return None
    return int(step)


def _child(node: Any, step: str) -> Any:
    if isinstance(node, dict):
        return node.get(step)
    index = _index(step, node)
    return None if index is None else node[index]


def changed(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """Pointers to what differs, into the newer body; rows with an `id` are compared by it."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            step = name.replace("~", "~0").replace("/", "~1")
            yield from changed(before.get(name), after.get(name), f"{at}/{step}")
    elif isinstance(before, list) and isinstance(after, list):
        yield from _changed_rows(before, after, at)
    elif before != after:
        yield at


def _changed_rows(before: list[Any], after: list[Any], at: str) -> Iterator[str]:
    old = _by_name(before)
    for n, row in enumerate(after):
        name = _name(row, n)
        yield from changed(old.pop(name, None), row, f"{at}/{n}")
    if old:  # rows that are no more have no place in the newer body
        yield at


def _by_name(rows: list[Any]) -> dict[str, Any]:
    return {_name(row, n): row for n, row in enumerate(rows)}


def _name(row: Any, n: int) -> str:
    return f"id {row['id']}" if isinstance(row, dict) and row.get("id") else f"no {n}"


def answers(remark: dict[str, Any], differences: Sequence[str]) -> bool:
    """Whether a change answers a remark: at its pointer, above or below; of its document; or
    anywhere, if it points nowhere."""
    place = remark.get("pointer") or ("/payload/documents" if remark.get("document_code") else "")
    place = place.removesuffix("/-")
    return any(_touches(place, difference) for difference in differences)


def _touches(place: str, difference: str) -> bool:
    return (
        place == difference
        or difference.startswith(f"{place}/")
        or place.startswith(f"{difference}/")
    )

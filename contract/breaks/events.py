"""Two descriptions of the public stream, before and after. What services tell one another is
theirs: only public messages are promised to anybody."""

from collections.abc import Iterator

from contract.breaks.schemas import Shapes
from contract.breaks.values import Schema

_PUBLIC = {"name": "public"}


def event_breaks(old: Schema, new: Schema) -> list[str]:
    """Everything in `new` that would break a reader of the public stream of `old`."""
    return list(dict.fromkeys(_breaks(_messages(old), _messages(new), Shapes(old, new))))


def _messages(document: Schema) -> dict[str, Schema]:
    found = document["components"]["messages"]
    return {name: one for name, one in found.items() if _PUBLIC in one.get("tags", ())}


def _breaks(old: dict[str, Schema], new: dict[str, Schema], shapes: Shapes) -> Iterator[str]:
    for name, before in old.items():
        if name in new:
            yield from shapes.breaks(before["payload"], new[name]["payload"], "read", name)
        else:
            yield f"{name}: is no longer told to the public"

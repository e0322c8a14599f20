"""References between the schemas of a document."""

import re
from collections.abc import Mapping
from typing import Any

SCHEMAS = "#/components/schemas/"
_GENERIC = re.compile("([A-Za-z0-9]+)_([A-Za-z0-9]+)_")
Schemas = Mapping[str, dict[str, Any]]


def renamed(content: Any, names: Mapping[str, str]) -> Any:
    """`content` with its references to the schemas `names` (old -> new) made anew."""
    if isinstance(content, list):
        return [renamed(item, names) for item in content]
    if not isinstance(content, dict):
        return content
    return {
        key: _reference(value, names) if key == "$ref" else renamed(value, names)
        for key, value in content.items()
    }


def _reference(value: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(value, str) or not value.startswith(SCHEMAS):
        return value
    name = value.removeprefix(SCHEMAS)
    return SCHEMAS + names.get(name, name)


def references(content: Any) -> set[str]:
    """The names of the schemas that `content` refers to, directly."""
    if isinstance(content, list):
        return {name for item in content for name in references(item)}
    if not isinstance(content, dict):
        return set()
    found = {name for value in content.values() for name in references(value)}
    target = content.get("$ref")
    if isinstance(target, str) and target.startswith(SCHEMAS):
        found.add(target.removeprefix(SCHEMAS))
    return found


def reached(content: Any, schemas: Schemas) -> set[str]:
    """The names of the schemas that `content` refers to, however indirectly."""
    found: set[str] = set()
    waiting = references(content)
    while waiting:
        found |= waiting
        waiting = {n for name in waiting for n in references(schemas.get(name))} - found
    return found


def told_apart(bodies: Schemas, answers: Schemas) -> dict[str, str]:
    """New names for answers that share theirs with a body and say something else.

    What is read may carry more than what is sent: `Campaign` is sent, `CampaignRead` comes back.
    """
    shared = bodies.keys() & answers.keys()
    changed = {name for name in shared if bodies[name] != answers[name]}
    while more := {n for n in shared - changed if references(answers[n]) & changed}:
        changed |= more
    names = {name: f"{name}Read" for name in sorted(changed)}
    if taken := set(names.values()) & (bodies.keys() | answers.keys()):
        raise ValueError(f"Two schemas would be called {', '.join(sorted(taken))}.")
    return names


def well_named(schemas: Schemas) -> dict[str, str]:
    """New names for generic models: `Page_FilingSummary_` is a `FilingSummaryPage`."""
    found = {name: _GENERIC.fullmatch(name) for name in schemas}
    return {name: match[2] + match[1] for name, match in found.items() if match}

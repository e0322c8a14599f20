"""Merge patches (RFC 7396) in the document: the model of what a patch must lead to, said of the
patch itself. Nothing must be sent, and null takes away whatever the model can do without; inside
an object likewise, while a list is replaced whole."""

from copy import deepcopy
from typing import Any

from chassis.openapi_refs import SCHEMAS

_Schemas = dict[str, dict[str, Any]]
_NULL = {"type": "null"}


def as_merge_patch(schemas: _Schemas, name: str) -> None:
    """Make a model's schema that of a patch; objects inside it get a schema beside their own."""
    schemas[name] = _patch(schemas, schemas[name])


def _patch(schemas: _Schemas, model: dict[str, Any]) -> dict[str, Any]:
    made = deepcopy(model)
    required = made.pop("required", [])
    for name, part in made["properties"].items():
        inside = _within(schemas, part)
        inside.pop("default", None)
        can_go = name not in required and _NULL not in inside.get("anyOf", [])
        made["properties"][name] = {"anyOf": [inside, _NULL]} if can_go else inside
    return made


def _within(schemas: _Schemas, part: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in part:
        return {**part, "anyOf": [_within(schemas, choice) for choice in part["anyOf"]]}
    name = part.get("$ref", "").removeprefix(SCHEMAS)
    model = schemas.get(name, {})
    if "properties" not in model:
        return dict(part)
    made = _patch(schemas, model)
    if made == model:
        return dict(part)
    schemas[f"{name}Patch"] = made
    return {**part, "$ref": f"{SCHEMAS}{name}Patch"}

"""Bodies told apart by one of their fields, in the document: one schema for each value, so that a
generated client and a validator know which part belongs to which (`chassis.unions.TiedTo`)."""

from copy import deepcopy
from typing import Any

from chassis.openapi_refs import SCHEMAS
from chassis.unions import TiedTo

_Schemas = dict[str, dict[str, Any]]


def tell_apart(schemas: _Schemas, name: str, field: str, tied: TiedTo) -> None:
    """Make the schema `name` a choice of bodies, each with its own value of `tied.by` and its own
    shape of `field`; a body is called after both, `CircleDrawing` of a `Drawing`."""
    whole = schemas[name]
    mapping = {value: f"{shape.__name__}{name}" for value, shape in tied.shapes.items()}
    if len(set(mapping.values())) != len(mapping) or set(mapping.values()) & schemas.keys():
        raise ValueError(f"Two schemas would have one name beside {name}.")
    for value, own in mapping.items():
        schemas[own] = _body(whole, field, tied, value)
    schemas[name] = {
        "description": whole.get("description", ""),
        "oneOf": [{"$ref": SCHEMAS + own} for own in mapping.values()],
        "discriminator": {
            "propertyName": tied.by,
            "mapping": {value: SCHEMAS + own for value, own in mapping.items()},
        },
    }


def _body(whole: dict[str, Any], field: str, tied: TiedTo, value: str) -> dict[str, Any]:
    made = deepcopy(whole)
    made["description"] = f"With `{tied.by}` {value}."
    made["properties"][tied.by] = {"type": "string", "const": value}
    made["properties"][field] = {"$ref": SCHEMAS + tied.shapes[value].__name__}
    return made

"""Bodies told apart by one of their fields, in the document: one schema for each value, so that a
generated client and a validator know which part belongs to which (`chassis.unions.TiedTo`)."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from chassis.openapi_bounds import inside
from chassis.openapi_refs import SCHEMAS, reached, renamed
from chassis.unions import SHOWN_AS, TiedTo

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


def show_shapes(answers: _Schemas, bodies: _Schemas) -> None:
    """Say of each answer that is shown in the shapes of a body (`chassis.unions.ShownAs`) which
    shape comes with which value. The shapes, as answers, are added: `CircleShown` of a `Circle`."""
    for schema in list(answers.values()):
        for field, part in schema.get("properties", {}).items():
            if (said := part.pop(SHOWN_AS, None)) is not None:
                asked = list(_conditions(field, said["by"], said["names"]))
                [cover] = said["cover"]
                covered = {name: {"$ref": SCHEMAS + cover} for name in said["secrets"]}
                names = _add_shown(answers, bodies, asked, covered)
                answers |= said["cover"]
                schema["allOf"] = renamed(asked, names)


def _conditions(field: str, by: str, names: dict[str, str]) -> Iterator[dict[str, Any]]:
    for value, name in names.items():
        when = {"properties": {by: {"const": value}}, "required": [by]}
        yield {"if": when, "then": {"properties": {field: {"$ref": SCHEMAS + name}}}}


def _add_shown(
    answers: _Schemas, bodies: _Schemas, asked: Any, covered: _Schemas
) -> dict[str, str]:
    every = reached(asked, bodies)
    names = {name: f"{name}Shown" for name in every if "properties" in bodies[name]}
    for name in every - names.keys():  # closed lists, which are the same both ways
        answers.setdefault(name, deepcopy(bodies[name]))
    for name, own in names.items():
        answers[own] = _shown(renamed(deepcopy(bodies[name]), names), covered)
    return names


def _shown(schema: dict[str, Any], covered: _Schemas) -> dict[str, Any]:
    for part in inside(schema):
        fields = part.get("properties", {})
        for name in fields.keys() & covered.keys():
            kinds = fields[name].get("anyOf", [fields[name]])
            fields[name] = {"anyOf": [*kinds, covered[name]]}
    return schema

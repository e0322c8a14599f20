"""Parts told apart by another field, for generators that read only a part of what a schema says.

The Python generator makes a class of each body of a choice and none of the choice. Programs that
were written when the choice was one body import that one: it stays beside the others, as wide as
all of them together. The TypeScript generator reads no conditions: what an answer says under one
becomes a table by value, from which a program takes the type of the part.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_SCHEMAS = "#/components/schemas/"


def with_whole_bodies(contract: Schema) -> Schema:
    """The contract with one more body in each choice that has a discriminator: under the name of
    the choice, whatever any of its bodies may say."""
    schemas = contract["components"]["schemas"]
    told = {name: one for name, one in schemas.items() if "discriminator" in one}
    whole = {name: _whole(one, schemas) for name, one in told.items()}
    choices = {name: [{"$ref": _SCHEMAS + name}, *one["oneOf"]] for name, one in told.items()}
    paths = _unfolded(contract["paths"], choices)
    components = {**contract["components"], "schemas": {**schemas, **whole}}
    return {**contract, "paths": paths, "components": components}


def with_tables(contract: Schema) -> Schema:
    """The contract with a schema `XByKind` for each answer `X` of which `kind` decides a part, in
    the place of its conditions."""
    schemas = dict(contract["components"]["schemas"])
    for name, one in list(schemas.items()):
        conditions = one.get("allOf", [])
        if conditions and all("if" in part for part in conditions):
            schemas[name] = {key: value for key, value in one.items() if key != "allOf"}
            [by] = conditions[0]["if"]["properties"]
            rows = dict(_row(part, by) for part in conditions)
            table = {"type": "object", "properties": rows, "required": sorted(rows)}
            schemas[f"{name}By{by.title()}"] = table
    return {**contract, "components": {**contract["components"], "schemas": schemas}}


def _row(condition: Schema, by: str) -> tuple[str, Schema]:
    [part] = condition["then"]["properties"].values()
    return condition["if"]["properties"][by]["const"], part


def _unfolded(content: Any, choices: dict[str, list[Schema]]) -> Any:
    if isinstance(content, list):
        return [_unfolded(item, choices) for item in content]
    if not isinstance(content, dict):
        return content
    options = choices.get(str(content.get("$ref", "")).removeprefix(_SCHEMAS))
    if options is not None:
        return {"oneOf": options}
    return {key: _unfolded(value, choices) for key, value in content.items()}


def _whole(choice: Schema, schemas: Schema) -> Schema:
    bodies = [schemas[one["$ref"].removeprefix(_SCHEMAS)] for one in choice["oneOf"]]
    names = dict.fromkeys(name for body in bodies for name in body["properties"])
    fields = {name: [b["properties"][name] for b in bodies if name in b["properties"]]
              for name in names}  # fmt: skip
    return {
        **bodies[0],
        "description": choice["description"],
        "properties": {name: _either(parts, schemas) for name, parts in fields.items()},
    }


def _either(parts: list[Schema], schemas: Schema) -> Schema:
    different = [part for n, part in enumerate(parts) if part not in parts[:n]]
    if len(different) == 1:
        return different[0]
    if all("const" in part for part in different):
        values = [part["const"] for part in different]
        return next(_lists_of(values, schemas), {"type": "string", "enum": values})
    return {"anyOf": different}


def _lists_of(values: list[Any], schemas: Schema) -> Iterator[Schema]:
    # a list of the same values has a name already, and with it a class
    yield from ({"$ref": _SCHEMAS + n} for n, one in schemas.items() if one.get("enum") == values)

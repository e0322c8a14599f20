"""A part of a body whose shape another part decides: the document shows every shape it may have."""

from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class AnyOf:
    """`Annotated[dict[str, Any], AnyOf(A, B)]`: read as an object, declared as A or B.

    Whoever reads it checks it again with the one model that is meant (`chassis.bodies.check`), so
    that a finding names the field and not every shape which it is not.
    """

    def __init__(self, *models: type[BaseModel]) -> None:
        self.models = models

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, __: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        # by name: `shapes_in` tells whoever writes the document to define them
        return {"anyOf": [{"$ref": f"#/components/schemas/{m.__name__}"} for m in self.models]}


def shapes_in(model: type[BaseModel]) -> set[type[BaseModel]]:
    """Every model that a field of `model` may turn out to be."""
    said = (it for field in model.model_fields.values() for it in field.metadata)
    return {shape for it in said if isinstance(it, AnyOf) for shape in it.models}

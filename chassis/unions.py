"""A part of a body whose shape another part decides: the document shows every shape it may have."""

from collections.abc import Collection, Mapping
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


class TiedTo(AnyOf):
    """`TiedTo("kind", {"a": A, "b": B})`: likewise, and the field `kind` beside it says which of
    them. The document declares one body for each value (`chassis.openapi_unions`)."""

    def __init__(self, by: str, shapes: Mapping[str, type[BaseModel]]) -> None:
        super().__init__(*dict.fromkeys(shapes.values()))
        self.by, self.shapes = by, {str(value): shape for value, shape in shapes.items()}


class ShownAs:
    """`ShownAs("kind", {"a": A, "b": B}, ("secret",), Cover)`: likewise of an answer. Whoever
    reads it may meet a `kind` that is newer than they are, so that nothing is said of others; where
    a field is called `secret`, a `Cover` may stand in its place."""

    def __init__(
        self,
        by: str,
        shapes: Mapping[str, type[BaseModel]],
        secrets: Collection[str],
        cover: type[BaseModel],
    ) -> None:
        self.by, self.secrets, self.cover = by, secrets, cover
        self.names = {str(value): shape.__name__ for value, shape in shapes.items()}

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, __: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        cover = {self.cover.__name__: self.cover.model_json_schema()}
        said = {"by": self.by, "names": self.names, "secrets": self.secrets, "cover": cover}
        return {"type": "object", "additionalProperties": True, SHOWN_AS: said}


SHOWN_AS = "x-shown-as"  # read and taken away by whoever writes the document


def shapes_in(model: type[BaseModel]) -> set[type[BaseModel]]:
    """Every model that a field of `model` may turn out to be."""
    said = (it for field in model.model_fields.values() for it in field.metadata)
    return {shape for it in said if isinstance(it, AnyOf) for shape in it.models}


def tie_in(model: type[BaseModel]) -> tuple[str, TiedTo] | None:
    """The field of `model` whose shape another one decides, if there is one."""
    for name, field in model.model_fields.items():
        for said in field.metadata:
            if isinstance(said, TiedTo):
                return name, said
    return None

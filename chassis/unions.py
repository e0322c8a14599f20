"""A part of a body whose shape another part decides: the document shows every shape it may have."""

from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class AnyOf:
    """`Annotated[dict[str, Any], AnyOf(A, B)]`: read as an object, declared as A or B.

    Whoever reads it checks it again with the one model that is meant (`chassis.bodies.check`), so
    that a finding names the field and not every shape which it is not.
    """

    def __init__(self, *models: type[BaseModel]) -> None:
        self.models = models

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler(source)

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(model.__pydantic_core_schema__) for model in self.models]}

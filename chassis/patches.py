"""Merge patches (RFC 7396): what is absent stays, what is null goes."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, get_args

from fastapi import Depends
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chassis.answers import body_finding
from chassis.bodies import MAX_FINDINGS, RawBody, invalid, parse
from chassis.errors import Finding, ValidationFailed
from chassis.unions import AnyOf

Models = Sequence[type[BaseModel]]


def _surplus(models: Models, patch: Any, at: tuple[str, ...]) -> Iterator[Finding]:
    """Members that none of the models has. Those that are null would otherwise be taken away
    before anybody looks."""
    if not isinstance(patch, dict):
        return
    for name, value in patch.items():
        fields = [model.model_fields[name] for model in models if name in model.model_fields]
        if not fields:
            yield body_finding({"type": "extra_forbidden"}, (*at, name))
        elif inner := [model for field in fields for model in _models_in(field)]:
            yield from _surplus(inner, value, (*at, name))


def _models_in(field: FieldInfo) -> Models:
    """The models of an object that may stand there (`X` or `X | None`), not of a list of them."""
    for said in field.metadata:
        if isinstance(said, AnyOf):
            return said.models
    annotation = field.annotation
    kinds = [annotation] if isinstance(annotation, type) else get_args(annotation)
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


def refuse_surplus(model: type[BaseModel], patch: Any, *at: str) -> None:
    """`ValidationFailed` with every member of `patch` that the model does not have; `at` is where
    the patch stands in the caller's body."""
    findings = list(islice(_surplus([model], patch, at), MAX_FINDINGS))
    if findings:
        raise ValidationFailed(findings=findings)


@cache
def _patcher(model: type[BaseModel]) -> Callable[[bytes], Awaitable[dict[str, Any]]]:
    async def read_patch(raw: RawBody) -> dict[str, Any]:
        patch = parse(raw)
        if not isinstance(patch, dict):
            raise invalid("a JSON object")
        refuse_surplus(model, patch)
        return patch

    read_patch.model = model  # type: ignore[attr-defined]  # for the OpenAPI document
    read_patch.is_merge_patch = True  # type: ignore[attr-defined]  # likewise
    return read_patch


def Patch(model: type[BaseModel]) -> Any:  # noqa: N802 - reads as a type: Annotated[dict, Patch(X)]
    """A JSON merge patch (RFC 7396) of a `model`: what is absent stays, what is null goes."""
    return Depends(_patcher(model))


def merged(target: Any, patch: Any) -> Any:
    """`target` with a merge patch applied (RFC 7396): null takes away, objects are merged."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result

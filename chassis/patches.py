"""Merge patches (RFC 7396): what is absent stays, what is null goes."""

from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from itertools import islice
from typing import Any, get_args

from fastapi import Depends
from pydantic import BaseModel

from chassis.answers import body_finding
from chassis.bodies import MAX_FINDINGS, RawBody, invalid, parse
from chassis.errors import Finding, ValidationFailed


def _surplus(model: type[BaseModel], patch: Any, at: tuple[str, ...]) -> Iterator[Finding]:
    """Members that the model does not have. Those that are null would otherwise be taken away
    before anybody looks."""
    if not isinstance(patch, dict):
        return
    for name, value in patch.items():
        field = model.model_fields.get(name)
        if field is None:
            yield body_finding({"type": "extra_forbidden"}, (*at, name))
        elif inner := _model_in(field.annotation):
            yield from _surplus(inner, value, (*at, name))


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of an object that may stand there (`X` or `X | None`), not of a list of them."""
    kinds = [annotation] if isinstance(annotation, type) else get_args(annotation)
    found = (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))
    return next(found, None)


@cache
def _patcher(model: type[BaseModel]) -> Callable[[bytes], Awaitable[dict[str, Any]]]:
    async def read_patch(raw: RawBody) -> dict[str, Any]:
        patch = parse(raw)
        if not isinstance(patch, dict):
            raise invalid("a JSON object")
        findings = list(islice(_surplus(model, patch, ()), MAX_FINDINGS))
        if findings:
            raise ValidationFailed(findings=findings)
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

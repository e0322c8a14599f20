"""Nobody overwrites what they have not read: `ETag` out, `If-Match` in."""

import re
from typing import Annotated, Any

from fastapi import Depends, Header

from chassis.errors import Finding, MalformedRequest, PreconditionFailed, PreconditionRequired

VERSION_PATTERN = '^"[0-9]{1,20}"$'
_WRITTEN = re.compile(VERSION_PATTERN)


def etag(version: int) -> str:
    """The strong validator of a version: `"7"`."""
    return f'"{version}"'


async def _if_match(if_match: Annotated[str | None, Header(alias="If-Match")] = None) -> int:
    if if_match is None:
        raise PreconditionRequired()
    bare = if_match.strip()
    if _WRITTEN.fullmatch(bare) is None:
        raise _unreadable()
    return int(bare[1:-1])


def _unreadable() -> MalformedRequest:
    params = {"expected": '"<version>"'}
    return MalformedRequest(
        findings=[Finding(code="FIELD_INVALID", header="If-Match", params=params)]
    )


async def _if_sent(
    if_match: Annotated[str | None, Header(alias="If-Match")] = None,
) -> int | None:
    return None if if_match is None else await _if_match(if_match)


async def _if_promised(
    if_match: Annotated[str | None, Header(alias="If-Match")] = None,
) -> int | None:
    return await _if_sent(if_match)


_if_promised.requires = "If-Match"  # type: ignore[attr-defined]
_if_match.requires = "If-Match"  # type: ignore[attr-defined]  # for the OpenAPI document
IfMatch = Annotated[int, Depends(_if_match)]
# For acts that the life of the thing guards by itself: honoured when it is sent.
IfMatchIfSent = Annotated[int | None, Depends(_if_sent)]
# For merge patches: whether the result has the right shape is only known once the thing is read,
# and comes first; `demand` then asks for the version.
IfMatchInTurn = Annotated[int | None, Depends(_if_promised)]


MOST_VALIDATORS = 1_024
# What a caller holds already. One that cannot be read is none (RFC 9110): nothing is refused.
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", max_length=MOST_VALIDATORS)]
UNCHANGED: dict[str, Any] = {"description": "You hold this version: `If-None-Match` names it."}


def is_known(validators: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names `tag`: 304 is enough."""
    if not validators:
        return False
    held = [part.strip().removeprefix("W/") for part in validators.split(",")]
    return tag in held or held == ["*"]


def expect(version: int | None, current: int) -> None:
    """Refuse when the caller read another version than the current one (412)."""
    if version is not None and version != current:
        raise PreconditionFailed(current_version=current)


def demand(version: int | None, current: int) -> None:
    """Refuse when the caller named no version (428) or another one than the current one (412)."""
    if version is None:
        raise PreconditionRequired()
    expect(version, current)

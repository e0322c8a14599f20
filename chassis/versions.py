"""Nobody overwrites what they have not read: `ETag` out, `If-Match` in."""

from typing import Annotated

from fastapi import Depends, Header

from chassis.errors import Finding, MalformedRequest, PreconditionFailed, PreconditionRequired


def etag(version: int) -> str:
    """The strong validator of a version: `"7"`."""
    return f'"{version}"'


async def _if_match(if_match: Annotated[str | None, Header(alias="If-Match")] = None) -> int:
    if if_match is None:
        raise PreconditionRequired()
    bare = if_match.strip()
    if not (bare.startswith('"') and bare.endswith('"') and bare[1:-1].isascii()):
        raise _unreadable()
    if not bare[1:-1].isdigit() or len(bare) > 20:
        raise _unreadable()
    return int(bare[1:-1])


def _unreadable() -> MalformedRequest:
    params = {"expected": '"<version>"'}
    return MalformedRequest(
        findings=[Finding(code="FIELD_INVALID", header="If-Match", params=params)]
    )


IfMatch = Annotated[int, Depends(_if_match)]


def expect(version: int, current: int) -> None:
    """Refuse when the caller read another version than the current one (412)."""
    if version != current:
        raise PreconditionFailed(current_version=current)

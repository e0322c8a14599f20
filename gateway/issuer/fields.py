"""Fields of a form or a query, read strictly: one value each, few of them, valid UTF-8."""

from urllib.parse import parse_qsl

from fastapi import Request

from chassis.errors import BodyTooLarge

_FORM = "application/x-www-form-urlencoded"
_MAX_FORM = 16_384
_MAX_FIELDS = 24


class BadFields(ValueError):
    """Why a request cannot be read, for `error_description`."""


def parsed(content: bytes) -> dict[str, str]:
    """The fields of an urlencoded text."""
    try:
        pairs = parse_qsl(
            content.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise BadFields("The form cannot be read.") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadFields("A parameter is repeated.")
    if any("\x00" in value for value in fields.values()):
        raise BadFields("No value holds a NUL character.")
    return fields


async def form(request: Request) -> dict[str, str]:
    """The fields of a body of 16 kB at most."""
    request.scope["max_body_bytes"] = _MAX_FORM
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise BadFields(f"The body must be {_FORM}.")
    try:
        return parsed(await request.body())
    except BodyTooLarge as error:
        raise BadFields("The form is too long.") from error

"""Kinds of values that callers write, each in one notation only.

pydantic by itself also reads `86400` as a day of 1970 and four notations of a UUID; what the
document declares is what is read.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

_HEX = "[0-9a-fA-F]"
_UUID = re.compile(f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    _DAY.pattern + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _written_as(shape: re.Pattern[str], kind: LiteralString) -> BeforeValidator:
    def check(text: Any) -> Any:
        if isinstance(text, str) and shape.fullmatch(text) is None:
            raise PydanticCustomError(kind, "Expected another notation.")
        return text

    return BeforeValidator(check)


def _only_text(text: Any) -> Any:
    # the kind behind is read leniently, or it would refuse every text; no number may slip in
    if not isinstance(text, str | date):
        raise PydanticCustomError("string_type", "Expected a text.")
    return text


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("datetime_parsing", "Beyond the calendar.") from error


def _told(form: str, longest: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": form, "maxLength": longest})


Id = Annotated[UUID, _written_as(_UUID, "uuid_parsing"), _told("uuid", 36)]
Day = Annotated[
    date,
    Field(strict=False),
    _written_as(_DAY, "date_parsing"),
    BeforeValidator(_only_text),
    _told("date", 10),
]
Instant = Annotated[
    AwareDatetime,
    Field(strict=False),
    _written_as(_INSTANT, "datetime_parsing"),
    BeforeValidator(_only_text),
    AfterValidator(_in_utc),
    _told("date-time", 35),
]

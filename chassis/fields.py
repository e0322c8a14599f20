"""Kinds of values that callers write, each in one notation only.

pydantic by itself also reads `86400` as a day of 1970 and four notations of a UUID; what the
document declares is what is read.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, LiteralString
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_HEX = "[0-9a-fA-F]"
_UUID = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ZONE = "([Zz]|[+-][0-9]{2}:[0-9]{2})"
_INSTANT = f"{_DAY}[Tt][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}([.][0-9]{{1,9}})?{_ZONE}"


def _read(shape: str, kind: LiteralString, read: Callable[[str], Any]) -> BeforeValidator:
    """Reads a text of exactly that shape; anything else goes on to be refused by its type."""
    whole = re.compile(shape)

    def check(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        try:
            return read(whole.fullmatch(text)[0])  # type: ignore[index]  # caught below
        except OverflowError as error:
            raise _out_of_range(date.min, date.max) from error
        except (TypeError, ValueError) as error:
            raise PydanticCustomError(kind, "Not in the notation expected.") from error

    return BeforeValidator(check)


def _out_of_range(earliest: date, latest: date) -> PydanticCustomError:
    told = {"earliest": earliest.isoformat(), "latest": latest.isoformat()}
    return PydanticCustomError("DATE_OUT_OF_RANGE", "Outside of the calendar.", told)


def _in_utc(text: str) -> datetime:
    # on the first and the last day of all years the same instant may lie outside of them in UTC
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _told(form: str, longest: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": form, "maxLength": longest})


def between(earliest: date, latest: date) -> AfterValidator:
    """Refuses a day or an instant outside of these, which no calendar of ours reaches.

    JSON Schema has no words for such bounds: the refusal has a code of its own, and says them.
    """

    def check(moment: Any) -> Any:
        if not earliest <= moment <= latest:
            raise _out_of_range(earliest, latest)
        return moment

    return AfterValidator(check)


Id = Annotated[UUID, _read(_UUID, "uuid_parsing", UUID), _told("uuid", 36)]
Day = Annotated[date, _read(_DAY, "date_parsing", date.fromisoformat), _told("date", 10)]
Instant = Annotated[
    AwareDatetime, _read(_INSTANT, "datetime_parsing", _in_utc), _told("date-time", 35)
]

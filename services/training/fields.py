"""Kinds of values that several features read from callers."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from chassis import fields
from chassis.bodies import Incoming


def _to_the_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


Instant = Annotated[
    fields.Instant,
    fields.between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),
    AfterValidator(_to_the_millisecond),
]
Reason = Annotated[str, Field(min_length=10, max_length=1000)]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Z][A-Z0-9_]*$")]
PlaceCode = Annotated[str, Field(max_length=20)]
Ref = Annotated[str, Field(min_length=1, max_length=64)]
Sub = Annotated[str, Field(min_length=1, max_length=128)]


class Nothing(Incoming):
    """An act that needs no words: an empty object, or no body at all."""


class Reasoned(Incoming):
    """An act that must say why."""

    reason: Reason

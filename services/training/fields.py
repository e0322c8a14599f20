"""Kinds of values that several features read from callers."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from chassis.bodies import Incoming


def _to_utc(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


# Bounded, so that the change of zone cannot leave the calendar.
Instant = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC)),
    AfterValidator(_to_utc),
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

"""Which day, and as known when: the two questions that every read of the register takes."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Query

from chassis import clock
from chassis.canonical import sha256
from chassis.fields import Day, Instant
from chassis.versions import etag

_DAYS = 10_000_000  # more than the calendar has, and than a record has revisions
AsOf = Annotated[Day | None, Query(description="what was true on this day")]
KnownAt = Annotated[Instant | None, Query(description="as known at this instant")]


def validator(revision: int, as_of: date | None, known_at: datetime | None) -> str:
    """The `ETag` of a read: of the present, its version; of another moment, digits of its own.

    One revision says different things of different days, so no two moments share a validator.
    """
    if known_at is None:
        return etag(revision if as_of is None else revision * _DAYS + as_of.toordinal())
    moment = f"{revision}/{as_of or clock.today()}/{known_at.astimezone(UTC)}"
    return etag(int(sha256(moment.encode())[:16], 16))  # the contract promises digits

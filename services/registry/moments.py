"""Which day, and as known when: the two questions that every read of the register takes."""

from typing import Annotated

from fastapi import Query

from chassis.fields import Day, Instant

AsOf = Annotated[Day | None, Query(description="what was true on this day")]
KnownAt = Annotated[Instant | None, Query(description="as known at this instant")]

"""What may befall a session, on the wire."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming
from services.training.fields import Reason


class CapacityWrite(Incoming):
    """How many seats there are from now on, and why."""

    capacity: Annotated[int, Field(ge=1, le=10_000)]
    reason: Reason

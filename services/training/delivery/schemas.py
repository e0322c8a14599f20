"""Running a session, on the wire."""

from chassis.bodies import Incoming
from services.training.fields import Reason


class StartWrite(Incoming):
    """`override_reason` signs for starting with fewer than the minimum."""

    override_reason: Reason | None = None

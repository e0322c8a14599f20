"""Withdrawals on the wire."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming


class WithdrawalWrite(Incoming):
    """Why the application is taken back; must be said once an offer was accepted."""

    reason: Annotated[str, Field(min_length=1, max_length=2000)] | None = None

"""Moves on the wire."""

from datetime import datetime

from pydantic import BaseModel


class TransitionRead(BaseModel):
    """One move of a life, with the true instant at which it was recorded."""

    action: str
    from_status: str | None
    to_status: str
    by_sub: str
    reason: str | None
    at: datetime

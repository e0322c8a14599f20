"""Links between accounts and members, on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from services.registry.links.models import LinkGround


class LinkCodeWrite(Incoming):
    """How you know that the person before you is this member."""

    ground: LinkGround


class LinkCodeMade(BaseModel):
    """A code to hand to the person, in writing or by word of mouth; shown once, used once."""

    id: UUID
    member_id: UUID
    code: str
    expires_at: datetime


class LinkWrite(Incoming):
    """The code that you were handed."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class LinkMade(BaseModel):
    """You are this member."""

    member_id: UUID
    cooperative_id: UUID
    claimed_at: datetime

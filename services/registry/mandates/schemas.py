"""CHANGE_OF_OFFICERS: who leaves an organ, who enters it."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming
from services.registry.acts import Decided
from services.registry.fields import Legal, Tag
from services.registry.registrations.schemas import OfficerWrite


class MandateEnd(Incoming):
    """A mandate that ends: it is named as `/cooperatives/{id}/officers` shows it. It is held no
    longer from `ended_on` on; without, from the day on which the filing takes effect."""

    mandate_id: Annotated[str, Field(min_length=1, max_length=64)]
    reason: Tag | None = None
    ended_on: Legal | None = None


class OfficersChange(Decided):
    """Mandates that end, and new ones, held by members."""

    ends: Annotated[list[MandateEnd], Field(max_length=100)] | None = None
    mandates: Annotated[list[OfficerWrite], Field(max_length=100)] | None = None

"""Handing a record over to the organisation that speaks for it."""

from typing import Annotated

from pydantic import Field

from services.registry.acts import Decided
from services.registry.fields import HandoverGround, Organisation, Text


class Handover(Decided):
    """HANDOVER: a record that came with a list belongs to nobody until the registrar hands it over
    to an organisation, on a ground. `decided_on` is the day on which that was shown. An owner that
    was named wrongly is put right by a CORRECTION."""

    organisation_id: Organisation | None = None
    ground: HandoverGround | None = None
    reason: Annotated[Text | None, Field(description="what shows it, in words")] = None

"""Offers on the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.financing.offers.states import Status
from services.financing.terms.schemas import Computed


class OfferRead(BaseModel):
    """An offer, with the lender's terms and our reckoning of them."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    lender_id: UUID
    status: Status
    amount_xof: int
    terms: dict[str, Any]
    computed: Computed
    valid_until: datetime
    made_at: datetime
    version: int

"""Lenders as callers see them."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.financing.lenders.models import LenderCategory, LenderStatus


class LenderRead(BaseModel):
    """A lender; only an ACTIVE one can be sent an application."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    category: LenderCategory
    status: LenderStatus

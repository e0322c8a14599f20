"""Allowed actions on the wire."""

from uuid import UUID

from pydantic import BaseModel

from chassis.answers import Described
from services.registry.cooperatives.states import Life
from services.registry.fields import FilingType


class AllowedAction(BaseModel):
    """A type of filing, and whether this caller may begin one about this cooperative. `blockers`
    say why not and what to do; of those only BLOCK forbids. What a filing declares is examined by
    `POST /v1/filings?validate_only=true`."""

    action: FilingType
    is_allowed: bool
    blockers: list[Described]


class AllowedActions(BaseModel):
    """What this caller may file about this cooperative, now."""

    cooperative_id: UUID
    life: Life
    actions: list[AllowedAction]

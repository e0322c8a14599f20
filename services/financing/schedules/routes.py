"""Repayment schedules: a public simulation, and the engine behind every offer."""

from typing import Annotated

from fastapi import APIRouter

from chassis.auth import Visitor
from chassis.bodies import Json
from chassis.errors import ValidationFailed
from chassis.openapi import problems
from services.financing.schedules import service
from services.financing.schedules.schemas import ScheduleRead, ScheduleRequest

router = APIRouter(prefix="/v1", tags=["simulations"])


@router.post("/repayment-schedules", responses=problems(ValidationFailed))
async def simulate_schedule(
    _: Visitor, terms: Annotated[ScheduleRequest, Json(ScheduleRequest)]
) -> ScheduleRead:
    """The repayment schedule of a loan, its cost and its TEG by both conventions."""
    return ScheduleRead.model_validate(service.simulate(terms))

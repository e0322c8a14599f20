"""Rate calculations: the TEG of any series of flows."""

from typing import Annotated

from fastapi import APIRouter

from chassis.auth import Visitor
from chassis.bodies import Json
from chassis.errors import ValidationFailed
from chassis.openapi import problems
from services.financing.rates import service
from services.financing.rates.schemas import RateRead, RateRequest

router = APIRouter(prefix="/v1", tags=["simulations"])


@router.post("/rate-calculations", responses=problems(ValidationFailed))
async def calculate_rates(_: Visitor, flows: Annotated[RateRequest, Json(RateRequest)]) -> RateRead:
    """The TEG by both conventions, from what is received and what is paid."""
    return RateRead.model_validate(service.calculate(flows))

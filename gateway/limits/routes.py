"""What one may still use, to read without using any of it."""

import asyncio
from datetime import datetime, timedelta

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from chassis import clock
from chassis.errors import Unauthenticated
from chassis.openapi import problems
from gateway.limits.limits import OF_CLIENTS, Holder, Limits
from gateway.limits.meters import DAILY, Standing
from gateway.limits.tiers import DAY_S, Rate, RouteClass
from gateway.plane.callers import Known

router = APIRouter(prefix="/v1", tags=["me"])


class Policy(BaseModel):
    """One policy, under the name that it has in the `RateLimit` header."""

    name: str
    quota: int
    window_s: int
    remaining: int
    resets_at: datetime


class ClassLimits(BaseModel):
    """What is counted together, and what remains of it."""

    route_class: RouteClass
    policies: list[Policy]


class MyLimits(BaseModel):
    """The limits of the caller: of this person or machine through this client."""

    tier: str
    items: list[ClassLimits]


@router.get("/me/limits", responses=problems(Unauthenticated))
async def read_my_limits(request: Request, caller: Known, response: Response) -> MyLimits:
    """What you may ask for, what remains and when all of it is back; asking this costs nothing."""
    limits: Limits = request.app.state.limits
    tier: str = request.state.tier
    response.headers["Cache-Control"] = "no-store"
    holder = Holder(caller.principal, tier, is_known=True)
    items = await asyncio.gather(*(_of_class(limits, holder, kind) for kind in OF_CLIENTS))
    return MyLimits(tier=tier, items=items)


async def _of_class(limits: Limits, holder: Holder, route_class: RouteClass) -> ClassLimits:
    ticket = limits.ticket(holder, route_class)
    await ticket.look()
    standings, rate = ticket.standings(), limits.rate(holder, route_class)
    return ClassLimits(route_class=route_class, policies=[_policy(rate, s) for s in standings])


def _policy(rate: Rate, standing: Standing) -> Policy:
    is_daily = standing.policy == DAILY
    return Policy(
        name=standing.policy,
        quota=rate.daily if is_daily else rate.quota,
        window_s=DAY_S if is_daily else rate.window_s,
        remaining=standing.remaining,
        resets_at=clock.now() + timedelta(seconds=standing.full_in_s),
    )

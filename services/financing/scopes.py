"""Who may: each alias is a caller who holds at least one of the scopes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends

from chassis.auth import Caller, requires
from services.financing.errors import LenderRequired

APPLY = "financing:apply"
READ_ASSIGNED = "lender:read"
AGENT_SCOPES = ("financing:review", "financing:validate")

# what everybody with a token may know: products, lenders, ceilings
Reader = Annotated[
    Caller,
    Depends(requires("cooperatives:read", "financing:apply", *AGENT_SCOPES, "lender:read")),
]
Applicant = Annotated[Caller, Depends(requires("financing:apply"))]
Reviewer = Annotated[Caller, Depends(requires("financing:review"))]
Validator = Annotated[Caller, Depends(requires("financing:validate"))]
ApplicationReader = Annotated[Caller, Depends(requires("financing:apply", *AGENT_SCOPES))]
FinancingReader = Annotated[
    Caller, Depends(requires("financing:apply", *AGENT_SCOPES, "lender:read"))
]


@dataclass(frozen=True)
class ActingLender:
    """A lender at work: `id` is the lender, `sub` the person or machine that acts for it."""

    id: UUID
    sub: str


def _acting(demand: Any) -> Callable[[Caller], Awaitable[ActingLender]]:
    async def acting(caller: Annotated[Caller, Depends(demand)]) -> ActingLender:
        return acting_lender(caller)

    return acting


def acting_lender(caller: Caller) -> ActingLender:
    """The lender in the caller's token; `LenderRequired` when there is none."""
    if caller.lender_id is None:
        raise LenderRequired()
    return ActingLender(UUID(caller.lender_id), caller.sub)


LenderReader = Annotated[ActingLender, Depends(_acting(requires("lender:read")))]
LenderDecider = Annotated[ActingLender, Depends(_acting(requires("lender:decide")))]
LenderReporter = Annotated[ActingLender, Depends(_acting(requires("lender:report")))]

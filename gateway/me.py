"""Who am I?"""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from chassis.errors import Unauthenticated
from chassis.openapi import problems
from gateway.plane.callers import Known

router = APIRouter(prefix="/v1", tags=["me"])


class Me(BaseModel):
    """The caller as the platform sees them."""

    sub: str
    client_id: str
    organisation_id: str
    roles: list[str]
    scopes: list[str]
    territory: list[str]
    lender_id: str | None


@router.get("/me", responses=problems(Unauthenticated))
async def read_me(caller: Known, response: Response) -> Me:
    """Who the token says you are, and what it lets you do."""
    response.headers["Cache-Control"] = "no-store"
    return Me(
        sub=caller.sub,
        client_id=caller.client_id,
        organisation_id=caller.organisation_id,
        roles=sorted(caller.roles),
        scopes=sorted(caller.scopes),
        territory=sorted(caller.territories),
        lender_id=caller.lender_id,
    )

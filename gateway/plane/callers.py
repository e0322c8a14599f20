"""Who calls the gateway's own routes."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.auth import Caller, Visitor, requires
from chassis.errors import InsufficientScope
from gateway.plane.headers import bearer

ADMIN = "platform:admin"
MANAGE = "organisation:manage"

Anyone = Visitor
Known = Annotated[Caller, Depends(requires())]
Admin = Annotated[Caller, Depends(requires(ADMIN))]
# of the platform, or of their own organisation alone
Steward = Annotated[Caller, Depends(requires(ADMIN, MANAGE))]


async def _of_own_profile(request: Request, caller: Known) -> Caller:
    # An application speaks for a person as far as the person allowed; a machine is itself.
    passport = await request.app.state.verifier.passport(bearer(request.scope["headers"]))
    if passport.sid is not None and not caller.has("profile"):
        raise InsufficientScope(required_scopes="profile")
    return caller


Profiled = Annotated[Caller, Depends(_of_own_profile)]
# Who lends on a cooperative's record. Its own scope: whoever lets an application file has not let
# it open the record to others.
LEND = "grants:manage"
Giver = Annotated[Caller, Depends(requires(LEND))]
GiverOrAdmin = Annotated[Caller, Depends(requires(LEND, ADMIN))]

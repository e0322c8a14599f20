"""Who calls the gateway's own routes."""

from typing import Annotated

from fastapi import Depends

from chassis.auth import Caller, Visitor, requires

ADMIN = "platform:admin"
MANAGE = "organisation:manage"

Anyone = Visitor
Known = Annotated[Caller, Depends(requires())]
Admin = Annotated[Caller, Depends(requires(ADMIN))]
# of the platform, or of their own organisation alone
Steward = Annotated[Caller, Depends(requires(ADMIN, MANAGE))]
# who acts for a cooperative
Giver = Annotated[Caller, Depends(requires("filings:write"))]
GiverOrAdmin = Annotated[Caller, Depends(requires("filings:write", ADMIN))]

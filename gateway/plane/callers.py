"""Who calls the gateway's own routes."""

from typing import Annotated

from fastapi import Depends

from chassis.auth import Caller, Visitor, requires

Anyone = Visitor
Known = Annotated[Caller, Depends(requires())]

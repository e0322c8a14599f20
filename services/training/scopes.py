"""Who may: each alias is a caller who holds at least one of the scopes."""

from typing import Annotated

from fastapi import Depends

from chassis.auth import Caller, requires

Reader = Annotated[
    Caller,
    Depends(requires("training:read", "training:enrol", "training:manage", "training:deliver")),
]
Enroller = Annotated[Caller, Depends(requires("training:enrol"))]
Steward = Annotated[Caller, Depends(requires("training:manage"))]
Trainer = Annotated[Caller, Depends(requires("training:deliver"))]

READ = "training:read"
ENROL = "training:enrol"
MANAGE = "training:manage"
LOOK = (READ, ENROL)  # who acts for a group must also see it

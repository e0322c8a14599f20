"""CHANGE_OF_MEMBERSHIP: who enters, who leaves, who holds how much from now on."""

from typing import Annotated, Literal

from pydantic import Field

from chassis.bodies import Incoming
from chassis.fields import Id
from services.registry.acts import Decided
from services.registry.bylaws.schemas import Holding
from services.registry.fields import Amount, ExitReason, Legal, Ref
from services.registry.registrations.schemas import Founder, MemberWrite


class Admission(MemberWrite):
    """Somebody who becomes a member, on a request written and dated (AUSCOOP art. 10)."""

    requested_on: Legal | None = None


class Exit(Incoming):
    """Somebody who is a member no longer."""

    member_id: Ref
    reason: ExitReason | None = None


class MembershipChange(Decided):
    """Admissions, exits and holdings of one assembly. The capital of a cooperative moves with its
    members: `capital_xof` is what it comes to. In an apex body, cooperatives stand in `joins` and
    `leaves`, and the delegates whom they send among the admissions."""

    admissions: Annotated[list[Admission], Field(max_length=5000)] | None = None
    exits: Annotated[list[Exit], Field(max_length=5000)] | None = None
    holdings: Annotated[list[Holding], Field(max_length=5000)] | None = None
    capital_xof: Amount | None = None
    joins: Annotated[list[Founder], Field(max_length=500)] | None = None
    leaves: Annotated[list[Id], Field(max_length=500)] | None = None
    is_whole: Annotated[
        Literal[True] | None,
        Field(description="the members named then are all of them: what a list counted ends"),
    ] = None

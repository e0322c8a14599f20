"""What changes the statutes: the name, the seat, the object, other articles, the capital."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming
from services.registry.acts import Decided
from services.registry.fields import Amount, Code, Ref, Short, Tag, Text
from services.registry.registrations.schemas import Seat, SigningRule


class NameChange(Decided):
    """CHANGE_OF_NAME."""

    name: Short | None = None


class SeatChange(Decided):
    """CHANGE_OF_SEAT: a seat under another authority takes the record there."""

    seat: Seat | None = None


class ObjectChange(Decided):
    """CHANGE_OF_OBJECT: what it does, and in which activities."""

    object: Text | None = None
    sector_codes: Annotated[list[Code], Field(max_length=20)] | None = None
    cps_tags: Annotated[list[Tag], Field(max_length=10)] | None = None


class BylawsChange(Decided):
    """CHANGE_OF_BYLAWS: other articles of the statutes. Only what is stated changes."""

    common_bond: Text | None = None
    duration_years: Annotated[int, Field(ge=1, le=99)] | None = None
    mandate_years: Annotated[int, Field(ge=1, le=20)] | None = None
    share_cap_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    signing_rules: Annotated[list[SigningRule], Field(max_length=20)] | None = None
    summary: Text | None = None


class Holding(Incoming):
    """How many shares a member holds from now on."""

    member_id: Ref
    shares: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class CapitalChange(Decided):
    """CHANGE_OF_CAPITAL: the value of a share, the capital, who holds how much."""

    share_value_xof: Amount | None = None
    capital_xof: Amount | None = None
    holdings: Annotated[list[Holding], Field(max_length=5000)] | None = None

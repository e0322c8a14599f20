"""Persons on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.bodies import Incoming
from gateway.accounts.models import AccountStatus
from gateway.texts import Address, Language, PersonName, Reason

Username = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$",
        min_length=3,
        max_length=64,
        description="lower case; it is never given to anybody else",
    ),
]
Codes = Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=50)]
Roles = Annotated[Codes, Field(min_length=1)]
OrganisationId = Annotated[str, Field(min_length=1, max_length=80)]


class Invitation(Incoming):
    """Who is invited; the invitation goes to the address."""

    username: Username
    full_name: PersonName
    email: Address
    language: Language = "fr"


class UserWrite(Invitation):
    """A person and what they may do. `organisation_id` defaults to your own."""

    organisation_id: OrganisationId | None = None
    roles: Roles
    territory: Codes = Field(default_factory=list)


def _demand_name(schema: dict[str, Any]) -> None:
    schema["required"].append("full_name")


class UserPatch(Incoming):
    """What an administrator may change; the username stays. Name and address can be changed and
    not taken away; persons of the demonstration have no name."""

    # a person of the demonstration goes on without a name; a name that is there stays
    model_config = ConfigDict(json_schema_extra=_demand_name)

    full_name: PersonName = Field(default_factory=str)
    email: Address
    language: Language
    roles: Roles
    territory: Codes = Field(default_factory=list)


class ActWrite(Incoming):
    """An act of administration, and why."""

    reason: Annotated[Reason, Field(description="kept in the audit trail")] = Reason.OTHER


class ReplacementWrite(Incoming):
    """Who takes over the roles and the territory: a colleague, or somebody who is invited."""

    successor_id: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    invitation: Invitation | None = None

    @model_validator(mode="after")
    def _one_successor(self) -> "ReplacementWrite":
        if (self.successor_id is None) == (self.invitation is None):
            raise PydanticCustomError("ONE_SUCCESSOR_EXPECTED", "successor_id or invitation")
        return self


class UserFilter(BaseModel):
    """Which persons; what is None does not narrow."""

    organisation_id: str | None = None
    status: AccountStatus | None = None
    username: str | None = None


class UserSummary(BaseModel):
    """A person in a list: what they may do, not how to reach them."""

    id: str
    username: str
    full_name: str
    organisation_id: str
    roles: list[str]
    territory: list[str]
    status: AccountStatus
    created_at: datetime
    version: int


class UserRead(UserSummary):
    """A person, for those who administer their account and for themselves."""

    email: str | None
    language: Language
    has_second_factor: bool
    replaces_id: str | None
    allowed_actions: list[str]

"""A person's own account, on the wire."""

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from gateway.texts import Language, PersonName


class ProfilePatch(Incoming):
    """What a person may change about themselves; what is left out stays."""

    # both always have a value, so that null is refused; only what was sent is read
    full_name: PersonName = Field(default_factory=str)
    language: Language = Field(default_factory=lambda: "fr")


class ProfileRead(BaseModel):
    """What the platform knows of you."""

    id: str
    username: str
    full_name: str
    email_hint: str | None = Field(description="enough to recognise your address")
    language: Language
    organisation_id: str
    roles: list[str]
    territory: list[str]
    has_second_factor: bool
    version: int

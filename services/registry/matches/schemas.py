"""The same person elsewhere, on the wire."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class Elsewhere(BaseModel):
    """Another cooperative, of the agent's own territory."""

    id: UUID
    registration_number: str
    name: str


class PersonMatch(BaseModel):
    """A person of the filing is a member elsewhere (R35 is about one cooperative; this is a sign to
    look at, and no ground to refuse). `cooperative` is null outside of the agent's territory."""

    pointer: str
    code: Literal["MEMBER_ELSEWHERE", "MULTI_PRESIDENT"]
    severity: Literal["WARN"] = "WARN"
    cooperative: Elsewhere | None

"""The facts that the gateway publishes: keys with which lenders sign, rights of agents."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from chassis.events import Event, Outbox

# Financing verifies signed decisions; nobody else needs a lender's key. Files lie in the registry,
# which frees those that somebody may no longer hold.
outbox = Outbox({"lender_key": ("financing",), "user": ("registry",)})


class LenderKeyRegistered(Event):
    """A lender proved that it holds a key; what it signs from `valid_from` on is its own."""

    kind: ClassVar[str] = "gateway.lender_key.registered"
    about: ClassVar[str] = "lender_key"

    lender_id: UUID
    client_id: str
    kid: str
    jwk: dict[str, Any]
    valid_from: datetime
    revoke_at: datetime | None


class LenderKeyRevoked(Event):
    """From `revoke_at` on, nothing signed with the key is accepted."""

    kind: ClassVar[str] = "gateway.lender_key.revoked"
    about: ClassVar[str] = "lender_key"

    lender_id: UUID
    client_id: str
    kid: str
    revoke_at: datetime


class AgentRightsChanged(Event):
    """What somebody who works on filings may do from now on, and where: nothing and nowhere, once
    they are suspended or have left."""

    kind: ClassVar[str] = "gateway.agent.rights_changed"
    about: ClassVar[str] = "user"

    user_id: str
    organisation_id: str
    scopes: list[str]
    territory: list[str]

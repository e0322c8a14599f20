"""The facts that the gateway publishes: keys with which lenders sign."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from chassis.events import Event, Outbox

# Financing verifies signed decisions; nobody else needs a lender's key.
outbox = Outbox({"lender_key": ("financing",)})


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

"""What financing hears from the gateway: with which keys a lender signs, from when and until when.

Lenders register and revoke their keys there, with proof of possession and at most two at a time;
here they are only remembered.
"""

from typing import Any
from uuid import UUID

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.inbox import Fact, Heard
from chassis.jose import construct
from services.financing.lenders.models import LenderKey
from services.financing.lenders.repository import LenderKeys

log = structlog.get_logger()
_PUBLIC = ("kty", "crv", "x", "y", "use", "alg")


class KeyNameTaken(ValueError):
    """The same name means another key of the lender: whose signature it is would be unclear."""


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore")

    lender_id: UUID
    client_id: str
    kid: str


class _Registered(_Told):
    jwk: dict[str, Any]
    valid_from: AwareDatetime
    revoke_at: AwareDatetime | None = None


class _Revoked(_Told):
    revoke_at: AwareDatetime


async def key_registered(session: AsyncSession, fact: Fact) -> None:
    """A lender proved that it holds a key."""
    told = _Registered.model_validate(fact.data)
    jwk = {name: told.jwk[name] for name in _PUBLIC if name in told.jwk} | {"kid": told.kid}
    construct(jwk)  # what cannot be read now would refuse every decision later
    key = LenderKey(
        lender_id=told.lender_id,
        kid=told.kid,
        jwk=jwk,
        client_id=told.client_id,
        valid_from=told.valid_from,
        revoked_at=told.revoke_at,
    )
    if not await LenderKeys(session).register(key):
        raise KeyNameTaken(told.kid)


async def key_revoked(session: AsyncSession, fact: Fact) -> None:
    """From an instant on the lender no longer signs with a key."""
    told = _Revoked.model_validate(fact.data)
    if not await LenderKeys(session).revoke(told.lender_id, told.kid, told.revoke_at):
        log.warning("unknown_key_revoked", lender_id=str(told.lender_id))


HEARS: dict[str, Heard] = {
    "sn.mboolo.gateway.lender_key.registered.v1": key_registered,
    "sn.mboolo.gateway.lender_key.revoked.v1": key_revoked,
}

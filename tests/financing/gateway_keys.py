"""What the gateway tells financing about the keys of lenders, in real pushes."""

import json
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from chassis import clock
from chassis.ids import new_id
from chassis.jose import Signer
from chassis.keys import new_private_jwk, public_jwk
from tests.financing.banks import Bank
from tests.financing.people import expect
from tests.town import Town

REGISTERED = "sn.mboolo.gateway.lender_key.registered.v1"
REVOKED = "sn.mboolo.gateway.lender_key.revoked.v1"


def a_key() -> dict[str, Any]:
    return dict(new_private_jwk(f"bank-{uuid4().hex[:12]}"))


def at(**shift: float) -> str:
    return clock.wire(clock.now() + timedelta(**shift))


def told(type_: str, bank: Bank, kid: str, seq: int = 1, **data: Any) -> dict[str, Any]:
    """An event of the gateway about a key, as its deliverer sends it."""
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/gateway",
        "type": type_,
        "subject": f"lender_key/{kid}",
        "time": at(),
        "datacontenttype": "application/json",
        "resourceversion": seq,
        "data": {"lender_id": bank.id, "client_id": "client-of-the-bank", "kid": kid} | data,
    }


def registered(bank: Bank, key: dict[str, Any], **changes: Any) -> dict[str, Any]:
    data = {"jwk": public_jwk(key), "valid_from": at(), "revoke_at": None} | changes
    return told(REGISTERED, bank, str(key["kid"]), **data)


def revoked(bank: Bank, kid: str, revoke_at: str, seq: int = 2) -> dict[str, Any]:
    return told(REVOKED, bank, kid, seq, revoke_at=revoke_at)


async def push(
    town: Town, *events: dict[str, Any], signer: Signer | None = None, **claims: Any
) -> httpx.Response:
    """A real push, signed with the gateway's own key; `claims` forge it."""
    body = json.dumps({"events": events, "heartbeat": None}).encode()
    usual = {"iat": int(time.time()), "htm": "POST", "aud": "financing", "iss": "gateway"}
    by = signer or Signer(town.gateway_keys.current)
    headers = {
        "content-type": "application/json",
        "x-jws-signature": by.detached(body, usual | claims),
    }
    async with town.client("financing") as client:
        return await client.post("/internal/v1/events", content=body, headers=headers)


async def hears(town: Town, *events: dict[str, Any]) -> None:
    assert expect(await push(town, *events), 200)["failed"] == {}

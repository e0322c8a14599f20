"""The lender's signature: a detached JWS over the raw body, bound to this very act."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import structlog
from fastapi import Depends, Header, Request

from chassis import clock
from chassis.bodies import RawBody
from chassis.db import Session
from chassis.errors import Finding, MalformedRequest, Problem
from chassis.idempotency import IdempotencyKey
from chassis.jose import LocalKeys, TokenRefused, verify_detached
from services.financing.decisions.errors import (
    SignatureInvalid,
    SignatureInvalidClaim,
    SignatureKeyNotYetValid,
    SignatureKeyRevoked,
    SignatureMalformed,
    SignatureMissing,
    SignatureMissingClaim,
)
from services.financing.lenders.models import LenderKey
from services.financing.lenders.repository import Lenders
from services.financing.scopes import LenderDecider

log = structlog.get_logger()
_LONGEST = 8_192
_SIGNATURE: Any = {"alias": "x-jws-signature", "json_schema_extra": {"maxLength": _LONGEST}}
_ROUNDING = timedelta(seconds=1)  # `iat` counts no finer


@dataclass(frozen=True)
class Signed:
    """The bytes that a lender signed, its signature, and the public key that holds."""

    raw: bytes
    jws: str
    kid: str
    jwk: dict[str, Any]


@dataclass(frozen=True)
class Envelope:
    """What came: bytes, a signature or none, and the claims that it must make."""

    raw: bytes
    jws: str | None
    claims: dict[str, Any]


async def _envelope(
    request: Request,
    raw: RawBody,
    key: IdempotencyKey,
    signature: Annotated[str | None, Header(**_SIGNATURE)] = None,
) -> Envelope:
    if signature is not None and len(signature) > _LONGEST:
        params = {"expected": f"at most {_LONGEST} characters"}
        finding = Finding(code="FIELD_INVALID", header="x-jws-signature", params=params)
        raise MalformedRequest(findings=[finding])
    base: str = request.app.state.settings.public_url
    claims = {
        "htm": request.method,
        "htu": f"{base}{request.url.path}",
        "aud": base,
        "idk": key,
    }
    return Envelope(raw, signature, claims)


async def _keys(session: Session, lender: LenderDecider) -> Sequence[LenderKey]:
    return await Lenders(session).keys_of(lender.id)


async def open_envelope(envelope: Envelope, keys: Sequence[LenderKey]) -> Signed:
    """What was signed, or the refusal that says which step failed. Only who holds a key is told
    that it has not begun or has ended."""
    if envelope.jws is None:
        raise SignatureMissing()
    known = LocalKeys([key.jwk for key in keys])
    try:
        header = await verify_detached(envelope.jws, envelope.raw, known, envelope.claims)
    except TokenRefused as refused:
        raise _refusal(refused.claim) from refused
    key = next(key for key in keys if key.kid == header["kid"])
    _demand_window(key, keys, signed_at=_business_time(header["iat"]))
    return Signed(envelope.raw, envelope.jws, key.kid, key.jwk)


def _business_time(iat: int) -> datetime:
    # `iat` is of the world's clock; as long ago as it is, so long ago it was for us
    age = timedelta(seconds=time.time() - iat)
    return clock.now() - age


def _demand_window(key: LenderKey, keys: Sequence[LenderKey], *, signed_at: datetime) -> None:
    """The key holds both when the signature says that it was made and now: the former can be
    invented by whoever stole the key."""
    now = clock.now()
    active = sorted(other.kid for other in keys if other.holds_at(now))
    if key.revoked_at is not None and key.has_ended(max(signed_at, now)):
        ended = clock.wire(key.revoked_at)
        raise SignatureKeyRevoked(kid=key.kid, revoked_at=ended, active_kids=active)
    if not key.has_begun(min(signed_at + _ROUNDING, now)):
        begins = clock.wire(key.valid_from)
        raise SignatureKeyNotYetValid(kid=key.kid, valid_from=begins, active_kids=active)


def _refusal(claim: str) -> Problem:
    step, _, name = claim.partition(":")
    if step == "malformed":
        return SignatureMalformed()
    if step == "missing":
        return SignatureMissingClaim(claim=name)
    return SignatureInvalid() if step == "signature" else SignatureInvalidClaim(claim=claim)


Sealed = Annotated[Envelope, Depends(_envelope)]
LenderKeys = Annotated[Sequence[LenderKey], Depends(_keys)]


async def _signed(lender: LenderDecider, keys: LenderKeys, envelope: Sealed) -> Signed:
    try:
        return await open_envelope(envelope, keys)
    except Problem as refusal:
        log.warning("signature_refused", lender_id=str(lender.id), code=refusal.code)
        raise


_signed.requires = "x-jws-signature"  # type: ignore[attr-defined]  # for the OpenAPI document
Signature = Annotated[Signed, Depends(_signed)]

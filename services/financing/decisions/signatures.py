"""The lender's signature: a detached JWS over the raw body, bound to this very act."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from fastapi import Depends, Header, Request

from chassis import clock
from chassis.bodies import RawBody
from chassis.db import Session
from chassis.errors import Problem
from chassis.idempotency import IdempotencyKey
from chassis.jose import KeySet, LocalKeys, TokenRefused, verify_detached
from services.financing.decisions.errors import (
    SignatureInvalid,
    SignatureInvalidClaim,
    SignatureMalformed,
    SignatureMissing,
    SignatureMissingClaim,
)
from services.financing.lenders.models import LenderKey
from services.financing.lenders.repository import Lenders
from services.financing.scopes import LenderDecider

log = structlog.get_logger()
_SIGNATURE: Any = {"alias": "x-jws-signature", "json_schema_extra": {"maxLength": 8_192}}


@dataclass(frozen=True)
class Signed:
    """The bytes that a lender signed, its signature, and the key that holds."""

    raw: bytes
    jws: str
    kid: str


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
    base: str = request.app.state.settings.public_url
    claims = {
        "htm": request.method,
        "htu": f"{base}{request.url.path}",
        "aud": base,
        "idk": key,
    }
    return Envelope(raw, signature, claims)


async def _keys(session: Session, lender: LenderDecider) -> KeySet:
    return keys_at_work(await Lenders(session).keys_of(lender.id))


def keys_at_work(keys: Iterable[LenderKey]) -> LocalKeys:
    """The keys that hold now; a revoked one is as unknown as any other."""
    return LocalKeys([key.jwk for key in keys if key.holds_at(clock.now())])


async def open_envelope(envelope: Envelope, keys: KeySet) -> Signed:
    """What was signed, or the refusal that says which step failed."""
    if envelope.jws is None:
        raise SignatureMissing()
    try:
        header = await verify_detached(envelope.jws, envelope.raw, keys, envelope.claims)
    except TokenRefused as refused:
        raise _refusal(refused.claim) from refused
    return Signed(envelope.raw, envelope.jws, header["kid"])


def _refusal(claim: str) -> Problem:
    step, _, name = claim.partition(":")
    if step == "malformed":
        return SignatureMalformed()
    if step == "missing":
        return SignatureMissingClaim(claim=name)
    return SignatureInvalid() if step == "signature" else SignatureInvalidClaim(claim=claim)


Sealed = Annotated[Envelope, Depends(_envelope)]
LenderKeys = Annotated[KeySet, Depends(_keys)]


async def _signed(lender: LenderDecider, keys: LenderKeys, envelope: Sealed) -> Signed:
    try:
        return await open_envelope(envelope, keys)
    except Problem as refusal:
        log.warning("signature_refused", lender_id=str(lender.id), code=refusal.code)
        raise


_signed.requires = "x-jws-signature"  # type: ignore[attr-defined]  # for the OpenAPI document
Signature = Annotated[Signed, Depends(_signed)]

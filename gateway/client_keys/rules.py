"""Proof of possession: who uploads a key shows that they hold its private half."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.jose import Expected, LocalKeys, TokenRefused, verify
from chassis.keys import thumbprint

TYP = "key-proof+jwt"
LONGEST_S = 300
_JTI = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True)
class Proof:
    """What a proof must be for: this client, at this issuer."""

    client_id: str
    issuer: str


async def proved(token: str, jwk: Mapping[str, Any], wanted: Proof) -> dict[str, Any]:
    """The claims of a proof that holds; `TokenRefused` names the part that does not."""
    expected = Expected(typ=TYP, issuer=wanted.client_id, audience=wanted.issuer)
    claims = await verify(token, LocalKeys([dict(jwk)]), expected)
    if claims["sub"] != wanted.client_id:
        raise TokenRefused("sub")
    if claims.get("jkt") != thumbprint(jwk):
        raise TokenRefused("jkt")
    if claims["exp"] - claims["iat"] > LONGEST_S or claims["iat"] < time.time() - LONGEST_S:
        raise TokenRefused("exp")
    if not isinstance(claims["jti"], str) or not _JTI.fullmatch(claims["jti"]):
        raise TokenRefused("jti")
    return claims

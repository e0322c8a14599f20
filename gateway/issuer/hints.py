"""An ID token that comes back: who was signed in, at which application (RP-Initiated Logout)."""

from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from gateway.issuer.id_tokens import ID_TYP

_LONGEST = 8192


@dataclass(frozen=True)
class Hint:
    """What a true ID token of ours said, however old it is."""

    client_id: str
    sub: str
    sid: str


def read(token: str, keys: list[dict[str, Any]], issuer: str) -> Hint | None:
    """The hint, None for anything that we did not sign as an ID token."""
    known = KeySet([ECKey.import_key(key) for key in keys])
    if len(token) > _LONGEST:
        return None
    try:
        found = jwt.decode(token, known, algorithms=["ES256"])
        said = found.claims
        if found.header.get("typ") != ID_TYP or said["iss"] != issuer or "crit" in found.header:
            return None
        return Hint(str(said["aud"]), str(said["sub"]), str(said["sid"]))
    except (JoseError, ValueError, LookupError, TypeError, RecursionError):
        return None

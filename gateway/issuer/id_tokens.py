"""ID tokens: who signed in, told to the application that asked (OpenID Connect Core §2).

They are no access tokens: their audience is the client, and their `typ` is another one.
"""

import base64
import hashlib
from typing import Any

from joserfc import jwt

from gateway.accounts.persons import Person
from gateway.issuer.tokens import Holder, Mint

ID_TYP = "JWT"
CLAIMS = ["sub", "name", "preferred_username", "locale", "auth_time", "amr", "sid"]


def profile(person: Person, scopes: set[str]) -> dict[str, Any]:
    """What an application may know of a person."""
    if "profile" not in scopes:
        return {"sub": person.id}
    return {
        "sub": person.id,
        "name": person.name,
        "preferred_username": person.username,
        "locale": person.language,
    }


def id_token(mint: Mint, client_id: str, holder: Holder, token: dict[str, Any], now: int) -> str:
    """The ID token beside an access token issued at `now`."""
    held = holder.held
    claims = {
        "iss": mint.issuer,
        "aud": client_id,
        "iat": now,
        "exp": now + mint.lifetime_s,
        "auth_time": int(held.signed_in_at.timestamp()),
        "amr": list(held.methods),
        "sid": held.family_id,
        "at_hash": _half_hash(token["access_token"]),
        **({"nonce": held.nonce} if held.nonce else {}),
        **profile(holder.person, set(token["scope"].split())),
    }
    return jwt.encode({"alg": "ES256", "typ": ID_TYP}, claims, mint.key(), ["ES256"])


def _half_hash(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()

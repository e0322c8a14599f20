"""A client as Authlib's protocol core wants to see it."""

import hashlib
import hmac
import re
import secrets
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin
from joserfc.jwk import KeySet

from chassis.keys import new_private_jwk, public_jwk
from gateway.issuer.models import Client

_ID = re.compile(r"[A-Za-z0-9._~-]{1,80}")


def is_client_id(text: str) -> bool:
    """Whether `text` could name a client; anything else never reaches the database."""
    return _ID.fullmatch(text) is not None


def secret_sha256(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


_DECOY_JWKS: dict[str, Any] = {"keys": [public_jwk(dict(new_private_jwk("nobody")))]}
_DECOY_SHA256 = secret_sha256(secrets.token_urlsafe(32))


class Stranger(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """Stands in for an unknown client, so that refusing it costs what refusing a known one does."""

    jwks = _DECOY_JWKS
    secret_sha256 = _DECOY_SHA256

    def check_client_secret(self, secret: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(secret_sha256(secret), self.secret_sha256)

    def check_endpoint_auth_method(self, _method: str, _endpoint: str) -> bool:
        """No way of proving itself is accepted."""
        return False

    def keys(self) -> KeySet:
        """The public keys whose signature counts; of a stranger's, nobody has the private half."""
        return KeySet.import_key_set(self.jwks)  # type: ignore[arg-type]  # checked as it reads


class Registered(Stranger):
    """A row of `client`, answering the questions of the protocol."""

    def __init__(self, row: Client) -> None:
        self.row = row
        self.jwks = row.jwks or _DECOY_JWKS
        self.secret_sha256 = row.secret_sha256 or _DECOY_SHA256

    def get_client_id(self) -> str:
        """The client's id."""
        return self.row.id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """All that was granted if nothing is asked; None (`invalid_scope`) if any of it was not."""
        asked = dict.fromkeys((scope or "").split()) or dict.fromkeys(self.row.scopes)
        return " ".join(asked) if asked.keys() <= set(self.row.scopes) else None

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """A client has one way to prove itself, at every endpoint."""
        return self.row.auth_method == method

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client was registered for this grant."""
        return grant_type in self.row.grant_types

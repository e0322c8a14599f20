"""Introspection (RFC 7662) and revocation (RFC 7009).

A client learns what its own tokens are worth; a client with `platform:admin`, a resource server
of ours, what any token is. To everybody else every token looks like one that never was.
"""

from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from gateway.issuer.brought import Brought
from gateway.issuer.clients import Registered
from gateway.issuer.grants import METHODS, PROVEN


class _Reading:
    """Finding the token: an access token was verified before, a refresh token is looked up."""

    server: Any

    def check_params(self, request: Any, _client: Registered) -> None:
        """A token is needed; a hint that we do not know is ignored (RFC 7009 §2.1)."""
        if not request.form.get("token"):
            raise InvalidRequestError("Missing 'token' in request.")

    def query_token(self, token: str, _hint: str | None) -> Brought | None:
        """Whatever the hint says, both kinds are tried: they cannot be mistaken."""
        found: Brought | None = self.server.brought(token)
        return found


class Introspection(_Reading, IntrospectionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Only for clients that prove themselves."""

    CLIENT_AUTH_METHODS = PROVEN

    def check_permission(self, token: Brought, client: Registered, _request: Any) -> bool:
        """Whose token it is, or a resource server."""
        return token.check_client(client) or "platform:admin" in client.row.scopes

    def introspect_token(self, token: Brought) -> dict[str, Any]:
        """What the token says."""
        kind = {} if token.family_id else {"token_type": "Bearer"}
        return {"active": True, **kind, **token.said}


class Revocation(_Reading, RevocationEndpoint):  # type: ignore[misc]
    """For every client, about its own tokens."""

    CLIENT_AUTH_METHODS = METHODS

    def revoke_token(self, token: Brought, _request: Any) -> None:
        """It ends when this transaction commits."""
        self.server.end(token)

"""The authorization server: Authlib's protocol core, one instance for each request.

The core is synchronous; it runs inside `AsyncSession.run_sync`, on the same asyncpg connection as
everything else.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from sqlalchemy.orm import Session

from gateway.issuer import clients
from gateway.issuer.assertions import ClientAssertion
from gateway.issuer.clients import Registered, Stranger
from gateway.issuer.models import AuthMethod
from gateway.issuer.tokens import AccessTokens
from gateway.roles import SCOPES

METHODS = [AuthMethod.SECRET.value, AuthMethod.PRIVATE_KEY.value]


class TokenRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """What came to one of the issuer's endpoints: headers and a form."""

    def __init__(self, url: str, headers: Mapping[str, str], form: dict[str, str]) -> None:
        # Authlib looks for TLS in the address. The settings have refused an unsafe public address
        # when the process started, and behind a proxy the request itself no longer tells.
        super().__init__("POST", url.replace("http://", "https://", 1), headers=headers)
        self.payload = BasicOAuth2Payload(form)

    @property
    def form(self) -> dict[str, str]:
        """The fields of the form."""
        fields: dict[str, str] = self.payload.data
        return fields


@dataclass(frozen=True)
class Answer:
    """What goes back, before it is a response of the framework."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class MachineGrant(ClientCredentialsGrant):  # type: ignore[misc]
    """`client_credentials`, for a client that proves itself in one of the two ways."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class Issuer(AuthorizationServer):  # type: ignore[misc]
    """Knows the clients of this database, within one transaction."""

    def __init__(self, session: Session, tokens: AccessTokens, audiences: list[str]) -> None:
        super().__init__(scopes_supported=list(SCOPES))
        self._session = session
        self.register_grant(MachineGrant)
        self.register_token_generator("default", tokens)
        self.register_client_auth_method(AuthMethod.SECRET.value, by_secret)
        self.register_client_auth_method(
            AuthMethod.PRIVATE_KEY.value, ClientAssertion(session, audiences)
        )

    def query_client(self, client_id: str) -> Registered | None:
        """The active client of that id."""
        return clients.find(self._session, client_id)

    def save_token(self, _token: Any, _request: Any) -> None:
        """Access tokens are signed statements: nothing is kept."""

    def send_signal(self, _name: str, *_args: Any, **_named: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        """The request is already in Authlib's shape."""
        return request

    def validate_requested_scope(self, scope: str | None) -> None:
        """An unknown scope is refused by name of the error, never silently left out."""
        if not set((scope or "").split()) <= set(SCOPES):
            raise InvalidScopeError()

    def handle_response(
        self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]
    ) -> Answer:
        """A failed proof of identity is 401 whichever way was tried (RFC 6749 §5.2)."""
        told = dict(headers)
        if body.get("error") == "invalid_client":
            status = 401
            told["WWW-Authenticate"] = 'Basic realm="mboolo"'
        return Answer(status, body, told)


def by_secret(
    query_client: Callable[[str], Registered | None], request: TokenRequest
) -> Registered | None:
    """HTTP Basic: the same work and the same answer for an unknown client and a wrong secret."""
    client_id, secret = _basic(request.headers)
    if client_id is None:
        return None
    client = query_client(client_id)
    holds = (client or Stranger()).check_client_secret(secret)
    return client if holds else None


def _basic(headers: Mapping[str, str]) -> tuple[str | None, str]:
    scheme, _, content = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None, ""
    try:
        pair = base64.b64decode(content.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None, ""
    client_id, _, secret = pair.partition(":")
    return unquote(client_id), unquote(secret)

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

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.errors import (
    InvalidClientError,
    InvalidScopeError,
    UnsupportedResponseTypeError,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from sqlalchemy.orm import Session

from gateway.accounts import persons
from gateway.accounts.persons import Person
from gateway.issuer import brought, clients
from gateway.issuer.assertions import ClientAssertion, Proving
from gateway.issuer.brought import Brought
from gateway.issuer.clients import OPENID, Registered, Stranger
from gateway.issuer.endpoints import Introspection, Revocation
from gateway.issuer.families import Families
from gateway.issuer.grants import S256, CodeGrant, MachineGrant, RefreshGrant
from gateway.issuer.models import AuthMethod
from gateway.issuer.tokens import AccessTokens, Mint
from gateway.roles import SCOPES

KNOWN_SCOPES = (*SCOPES, *sorted(OPENID))


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """What came to one of the issuer's endpoints: a method, headers and fields."""

    def __init__(
        self, url: str, headers: Mapping[str, str], fields: dict[str, str], method: str = "POST"
    ) -> None:
        # Authlib looks for TLS in the address. The settings have refused an unsafe public address
        # when the process started, and behind a proxy the request itself no longer tells.
        super().__init__(method, url.replace("http://", "https://", 1), headers=headers)
        self.payload = BasicOAuth2Payload(fields)

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


class Issuer(AuthorizationServer):  # type: ignore[misc]
    """Knows the clients and persons of this database, within one transaction.

    `arrived_at` (seconds since the epoch) is when the request reached this process.
    """

    def __init__(
        self, session: Session, mint: Mint, arrived_at: float, proving: Proving | None = None
    ) -> None:
        super().__init__(scopes_supported=list(KNOWN_SCOPES))
        self.mint = mint
        self.arrived_at = arrived_at
        self.families = Families(session, arrived_at, mint.answered)
        self.verified: Brought | None = None
        self._session = session
        self.register_endpoint(Introspection)
        self.register_endpoint(Revocation)
        self.register_grant(MachineGrant)
        self.register_grant(CodeGrant, [S256()])
        self.register_grant(RefreshGrant)
        self.register_token_generator("default", AccessTokens(mint, arrived_at))
        audiences = [f"{mint.issuer}/oauth2/token", mint.issuer]
        self.register_client_auth_method(AuthMethod.SECRET.value, by_secret)
        self.register_client_auth_method(AuthMethod.NONE.value, by_name)
        self.register_client_auth_method(
            AuthMethod.PRIVATE_KEY.value, ClientAssertion(session, audiences, proving or Proving())
        )

    def query_client(self, client_id: str) -> Registered | None:
        """The active client of that id."""
        return clients.find(self._session, client_id)

    def person(self, account_id: str) -> Person | None:
        """The person, if they may act."""
        return persons.find_in(self._session, account_id)

    def authenticate_client(
        self, request: ProtocolRequest, methods: list[str], endpoint: str = "token"
    ) -> Registered:
        """The client, which names itself in one way only."""
        client: Registered = super().authenticate_client(request, methods, endpoint)
        if request.payload.client_id not in (None, client.get_client_id()):
            raise InvalidClientError("client_id names another client.")
        return client

    def brought(self, token: str) -> Brought | None:
        """A token of ours: what was verified on the way here, or a refresh token."""
        return self.verified or brought.refresh(self._session, token)

    def end(self, token: Brought) -> None:
        """A token is good no more."""
        token.end(self._session, self.families)

    def save_token(self, _token: Any, _request: Any) -> None:
        """A machine's tokens are signed statements: nothing is kept."""

    def send_signal(self, _name: str, *_args: Any, **_named: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        """The request is already in Authlib's shape."""
        return request

    def validate_requested_scope(self, scope: str | None) -> None:
        """An unknown scope is refused by name of the error, never silently left out."""
        if not set((scope or "").split()) <= set(KNOWN_SCOPES):
            raise InvalidScopeError()

    def get_authorization_grant(self, request: ProtocolRequest) -> Any:
        """The one response type, checked here: Authlib's own sentence repeats what was sent."""
        if request.payload.response_type != "code":
            client = self.query_client(request.payload.client_id or "")
            uri = request.payload.redirect_uri
            is_known = client is not None and client.check_redirect_uri(uri or "")
            raise UnsupportedResponseTypeError(
                "The response type is code.", "code", redirect_uri=uri if is_known else None
            )
        return super().get_authorization_grant(request)

    def create_authorization_response(self, *args: Any, **named: Any) -> Answer:
        """With the issuer's name in it, so that a client can tell two of them apart (RFC 9207)."""
        answer: Answer = super().create_authorization_response(*args, **named)
        return Answer(answer.status, answer.body, self.named(answer.headers))

    def named(self, headers: Mapping[str, str]) -> dict[str, str]:
        """`headers` whose Location says who answers."""
        location = add_params_to_uri(headers["Location"], [("iss", self.mint.issuer)])
        return {**headers, "Location": location}

    def handle_response(
        self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]
    ) -> Answer:
        """A failed proof of identity is 401 whichever way was tried (RFC 6749 §5.2)."""
        told = dict(headers)
        if body and body.get("error") == "invalid_client":
            status = 401
            told["WWW-Authenticate"] = 'Basic realm="mboolo"'
        return Answer(status, body, told)


def by_secret(
    query_client: Callable[[str], Registered | None], request: ProtocolRequest
) -> Registered | None:
    """HTTP Basic: the same work and the same answer for an unknown client and a wrong secret."""
    client_id, secret = basic(request.headers)
    if client_id is None:
        return None
    client = query_client(client_id)
    holds = (client or Stranger()).check_client_secret(secret)
    return client if holds else None


def by_name(
    query_client: Callable[[str], Registered | None], request: ProtocolRequest
) -> Registered | None:
    """A public client names itself; whatever else it brings proves that it is not one."""
    proofs = {"client_secret", "client_assertion", "client_assertion_type"}
    if "authorization" in request.headers or not proofs.isdisjoint(request.form):
        return None
    return query_client(request.payload.client_id or "")


def basic(headers: Mapping[str, str]) -> tuple[str | None, str]:
    """The client and the secret of an HTTP Basic header; no client if there is none to read."""
    scheme, _, content = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None, ""
    try:
        pair = base64.b64decode(content.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None, ""
    client_id, _, secret = pair.partition(":")
    return unquote(client_id), unquote(secret)

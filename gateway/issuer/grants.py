"""The three ways to a token that are registered; every other one is refused by name."""

import re
import secrets
from typing import Any, ClassVar

from authlib.oauth2.rfc6749.errors import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
)
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7636 import CodeChallenge

from gateway.issuer.clients import OPENID, Registered
from gateway.issuer.families import Held, SignedIn
from gateway.issuer.id_tokens import id_token
from gateway.issuer.models import AuthMethod
from gateway.issuer.tokens import Holder

PROVEN = [AuthMethod.SECRET.value, AuthMethod.PRIVATE_KEY.value]
METHODS = [*PROVEN, AuthMethod.NONE.value]
_S256 = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes, base64url
_NONCE_MAX = 255


class Consent:
    """A person who allows a client some scopes: what Authlib calls the user of a code."""

    def __init__(self, who: SignedIn, scopes: list[str]) -> None:
        self.who = who
        self.scopes = scopes


class MachineGrant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    """`client_credentials`, for a client that proves itself in one of the two ways."""

    TOKEN_ENDPOINT_AUTH_METHODS = PROVEN

    def validate_requested_scope(self) -> None:
        """A machine is not a person: nobody signed in."""
        if not OPENID.isdisjoint((self.request.payload.scope or "").split()):
            raise InvalidScopeError()
        super().validate_requested_scope()


class _OfPerson:
    """What the two grants have in common in which an application speaks for a person."""

    request: Any
    server: Any

    def authenticate_user(self, held: Held) -> Holder:
        """The person behind it, if they may still act."""
        person = self.server.person(held.account_id)
        if person is None:
            raise InvalidGrantError("The person may not sign in.")
        needed = person.needs_second_factor(self.server.mint.strong_roles)
        if needed and "otp" not in held.methods:
            raise InvalidGrantError("The person must sign in with a second factor.")
        return Holder(person, held)

    def generate_token(self, user: Holder, scope: str, **named: Any) -> dict[str, Any]:
        """A token of what was asked, was allowed, and is still the client's and the person's."""
        client: Registered = self.request.client
        scopes = client.granted(scope.split(), user.person)
        if not scopes:  # to Authlib, an empty scope would mean all of the client's
            raise InvalidScopeError("Nothing of what was allowed is left.")
        token: dict[str, Any] = super().generate_token(  # type: ignore[misc]  # of the grant
            user=user, scope=" ".join(scopes), **named
        )
        return token

    def save_token(self, token: dict[str, Any]) -> None:
        """Use what was brought, keep what comes next, say who signed in."""
        request, server = self.request, self.server
        held: Held = request.user.held
        server.families.use(held)
        if "refresh_token" in token:
            server.families.keep_refresh(token["refresh_token"], held.family_id)
        if "openid" in token["scope"].split():
            now = int(server.arrived_at)
            token["id_token"] = id_token(
                server.mint, request.client.get_client_id(), request.user, token, now
            )


class CodeGrant(_OfPerson, AuthorizationCodeGrant):  # type: ignore[misc]
    """`authorization_code`, for every client with PKCE."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    @staticmethod
    def validate_authorization_redirect_uri(request: Any, client: Registered) -> str:
        """An address that was registered, character by character; there is no default."""
        uri = request.payload.redirect_uri
        if not uri or not client.check_redirect_uri(uri):
            raise InvalidRequestError("redirect_uri is not one that the client registered.")
        return str(uri)

    def generate_authorization_code(self) -> str:
        """256 random bits."""
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: Any) -> None:
        """A code begins a family."""
        consent: Consent = request.user
        fields = request.payload.data
        families = self.server.families
        family_id = families.begin(request.client.get_client_id(), consent.scopes, consent.who)
        families.keep_code(
            code,
            family_id,
            request.payload.redirect_uri,
            challenge=fields["code_challenge"],
            nonce=fields.get("nonce"),
        )

    def query_authorization_code(self, code: str, client: Registered) -> Held | None:
        """A good code of this client."""
        held: Held | None = self.server.families.code(code)
        return held if held and held.check_client(client) else None

    def delete_authorization_code(self, _held: Held) -> None:
        """It was used when the token was saved."""


class RefreshGrant(_OfPerson, RefreshTokenGrant):  # type: ignore[misc]
    """`refresh_token`: each one brings the next."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, token: str) -> Held | None:
        """A good refresh token."""
        held: Held | None = self.server.families.refresh(token)
        return held

    def issue_token(self, user: Holder, held: Held) -> dict[str, Any]:
        """As Authlib does, with the person at hand when the token is saved."""
        self.request.user = user
        issued: dict[str, Any] = super().issue_token(user, held)
        return issued

    def revoke_old_credential(self, _held: Held) -> None:
        """It was used when the token was saved."""


class S256(CodeChallenge):  # type: ignore[misc]
    """PKCE for every client, confidential ones included; `plain` does not exist (RFC 9700)."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar[list[str]] = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """No code without a challenge."""
        fields = grant.request.payload.data
        if fields.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge_method must be S256.")
        if not _S256.fullmatch(fields.get("code_challenge", "")):
            raise InvalidRequestError("code_challenge must be 43 characters of base64url.")
        if len(fields.get("nonce", "")) > _NONCE_MAX:
            raise InvalidRequestError(f"nonce may have {_NONCE_MAX} characters.")
        super().validate_code_challenge(grant, redirect_uri)

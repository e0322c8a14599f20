"""What an application asks for when it sends a person here, checked before anybody signs in."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from sqlalchemy.orm import Session

from gateway.issuer.clients import Registered
from gateway.issuer.grants import Consent
from gateway.issuer.server import Issuer, ProtocolRequest
from gateway.issuer.tokens import Mint
from gateway.signin.signins import Current

PROMPTS = ("none", "login", "consent", "select_account")
_NOT_SUPPORTED = ("request", "request_uri", "registration")


@dataclass(frozen=True)
class Asked:
    """An authorization request; `at` is when it first came (seconds since the epoch)."""

    fields: dict[str, str]
    at: float = field(default_factory=time.time)

    @property
    def prompts(self) -> set[str]:
        """How the person must be involved (OpenID Connect Core §3.1.2.1)."""
        return set(self.fields.get("prompt", "").split())

    def address(self, **changes: str) -> str:
        """Where the same request is made again."""
        return f"/oauth2/authorize?{urlencode(self.fields | changes)}"

    def accepts(self, signed_in_at: datetime) -> bool:
        """Whether a sign-in of then is recent enough; one since the request came always is."""
        then = signed_in_at.timestamp()
        if then >= int(self.at * 1000) / 1000:  # instants of ours have milliseconds
            return True
        max_age = self.fields.get("max_age")
        is_old = max_age is not None and time.time() - then > int(max_age)
        return not is_old and self.prompts.isdisjoint({"login", "select_account"})


@dataclass(frozen=True)
class Refused:
    """Why not, in the words of RFC 6749; `redirect_uri` only if it is the client's own."""

    error: str
    description: str | None = None
    redirect_uri: str | None = None


@dataclass(frozen=True)
class Valid:
    """A request that may be answered."""

    client: Registered
    scopes: list[str]
    redirect_uri: str


def check(session: Session, mint: Mint, asked: Asked) -> Valid | Refused:
    """What the protocol says of the request."""
    request = _request(mint, asked)
    try:
        grant = Issuer(session, mint, asked.at).get_consent_grant(request)
        _check_openid(asked, grant.redirect_uri)
    except OAuth2Error as error:
        return Refused(error.error, error.description, error.redirect_uri)
    return Valid(request.client, request.scope.split(), grant.redirect_uri)


def issue(session: Session, mint: Mint, asked: Asked, scopes: list[str], current: Current) -> str:
    """The address that takes a code to the client."""
    issuer = Issuer(session, mint, asked.at)
    request = _request(mint, asked)
    grant = issuer.get_consent_grant(request)
    consent = Consent(current.signed_in, scopes)
    answer = issuer.create_authorization_response(request, grant_user=consent, grant=grant)
    return answer.headers["Location"]


def refusal(mint: Mint, asked: Asked, refused: Refused) -> str:
    """The address that takes a refusal to the client (RFC 6749 §4.1.2.1, RFC 9207)."""
    told = {
        "error": refused.error,
        "error_description": refused.description,
        "state": asked.fields.get("state"),
        "iss": mint.issuer,
    }
    pairs = [(name, value) for name, value in told.items() if value]
    return str(add_params_to_uri(refused.redirect_uri, pairs))


def _request(mint: Mint, asked: Asked) -> ProtocolRequest:
    return ProtocolRequest(f"{mint.issuer}/oauth2/authorize", {}, dict(asked.fields), "GET")


def _check_openid(asked: Asked, redirect_uri: str) -> None:
    def refuse(description: str, error: str | None = None) -> Any:
        return InvalidRequestError(description, redirect_uri=redirect_uri, error=error)

    for name in _NOT_SUPPORTED:
        if name in asked.fields:
            raise refuse(f"{name} is not supported.", f"{name}_not_supported")
    if asked.fields.get("response_mode", "query") != "query":
        raise refuse("response_mode is query.")
    prompts = asked.prompts
    if not prompts <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise refuse(f"prompt is one of {' '.join(PROMPTS)}; none stands alone.")
    max_age = asked.fields.get("max_age", "0")
    if not (max_age.isascii() and max_age.isdigit() and len(max_age) < 10):
        raise refuse("max_age is a number of seconds.")

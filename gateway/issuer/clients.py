"""A client as Authlib's protocol core wants to see it."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin
from joserfc.jwk import KeySet
from sqlalchemy.orm import Session
from sqlmodel import col, or_, select

from chassis import clock
from chassis.keys import new_private_jwk, public_jwk
from gateway.accounts.models import Organisation, OrganisationStatus
from gateway.accounts.persons import Person
from gateway.issuer.models import Client, ClientKey, ClientSecret, ClientStatus

OPENID = frozenset({"openid", "profile"})
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

    jwks: dict[str, Any] = _DECOY_JWKS
    secrets: Sequence[str] = (_DECOY_SHA256,)

    def check_client_secret(self, secret: str) -> bool:
        """Compare in constant time with each secret that is good."""
        given = secret_sha256(secret)
        # each one is compared, so that the time says nothing of which
        return any([hmac.compare_digest(given, kept) for kept in self.secrets])  # noqa: C419

    def check_endpoint_auth_method(self, _method: str, _endpoint: str) -> bool:
        """No way of proving itself is accepted."""
        return False

    def keys(self) -> KeySet:
        """The public keys whose signature counts; of a stranger's, nobody has the private half."""
        return KeySet.import_key_set(self.jwks)  # type: ignore[arg-type]  # checked as it reads


class Registered(Stranger):
    """A row of `client`, answering the questions of the protocol."""

    def __init__(
        self, row: Client, organisation: Organisation, hashes: Sequence[str], jwks: Sequence[Any]
    ) -> None:
        self.row = row
        self.organisation = organisation
        self.jwks = {"keys": list(jwks)} if jwks else _DECOY_JWKS
        self.secrets = hashes or (_DECOY_SHA256,)

    def get_client_id(self) -> str:
        """The client's id."""
        return self.row.id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """All that was granted if nothing is asked; None (`invalid_scope`) if any of it was not."""
        asked = dict.fromkeys((scope or "").split()) or dict.fromkeys(self.row.scopes)
        return " ".join(asked) if asked.keys() <= self._scopes() else None

    def _scopes(self) -> set[str]:
        # who may send persons here may also learn who they are
        of_persons = OPENID if self.check_response_type("code") else ()
        return {*self.row.scopes, *of_persons}

    def granted(self, asked: Sequence[str], person: Person) -> list[str]:
        """What of `asked` this client may do in the name of `person`, at this moment."""
        may = person.scopes | OPENID
        return [scope for scope in asked if scope in may and scope in self._scopes()]

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it was registered, character by character."""
        return redirect_uri in self.row.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        """Whether the client sends persons here."""
        return response_type == "code" and self.check_grant_type("authorization_code")

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """A client has one way to prove itself, at every endpoint."""
        return self.row.auth_method == method

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client was registered for this grant."""
        return grant_type in self.row.grant_types


def find(session: Session, client_id: str) -> Registered | None:
    """The client of that id with the proofs that are good now; None unless it may come in."""
    query = select(Client, Organisation).join(Organisation).where(col(Client.id) == client_id)
    found = session.execute(query).one_or_none() if is_client_id(client_id) else None
    if found is None:
        return None
    row, organisation = found
    if row.status != ClientStatus.ACTIVE or organisation.status != OrganisationStatus.ACTIVE:
        return None
    return Registered(row, organisation, *_proofs(session, client_id, clock.now()))


def _proofs(session: Session, client_id: str, now: datetime) -> tuple[list[str], list[Any]]:
    hashes = select(ClientSecret.sha256).where(
        col(ClientSecret.client_id) == client_id,
        or_(col(ClientSecret.revoke_at).is_(None), col(ClientSecret.revoke_at) > now),
    )
    keys = select(ClientKey.jwk).where(
        col(ClientKey.client_id) == client_id,
        or_(col(ClientKey.revoke_at).is_(None), col(ClientKey.revoke_at) > now),
    )
    return list(session.scalars(hashes)), list(session.scalars(keys))

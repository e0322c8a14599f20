"""`private_key_jwt`: a client proves itself with a short signed statement, used once (RFC 7523)."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from sqlalchemy import text
from sqlalchemy.orm import Session

from gateway.issuer.clients import Registered, Stranger
from gateway.issuer.models import AuthMethod

_LIFETIME_S = 60
_LEEWAY_S = 30
# A proof of possession of a key says the same of the same client: its `typ` tells them apart.
_TYPES = ("jwt", "client-authentication+jwt")
_JTI = re.compile(r"[\x21-\x7e]{1,128}")
_USE = text(
    "insert into assertion_jti (client_id, jti, expires_at) values (:client_id, :jti, :expires_at)"
    " on conflict do nothing"
)


# Keys that stand at a client's own address may have changed since they were read.
_READ_AGAIN = text(
    "update client set jwks_read_at = null where id = :client_id and jwks_uri is not null"
    " and jwks_read_at < clock_timestamp() - interval '30 s'"
)


@dataclass
class Proving:
    """What became of the proof that a request brought."""

    signature_held: bool = False


class ClientAssertion(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib has no types
    """Checks one assertion within the transaction of `session`."""

    CLIENT_AUTH_METHOD = AuthMethod.PRIVATE_KEY.value

    def __init__(self, session: Session, audiences: list[str], proving: Proving) -> None:
        super().__init__(leeway=_LEEWAY_S)
        self._session = session
        self._audiences = audiences
        self._proving = proving
        self._client: Registered | Stranger | None = None

    def __call__(
        self, query_client: Callable[[str], Registered | None], request: Any
    ) -> Registered | None:
        """The client that signed, None if there is no assertion, else `InvalidClientError`."""
        try:
            found: Registered | None = super().__call__(
                lambda client_id: query_client(client_id) or Stranger(), request
            )
        except RecursionError as error:
            raise InvalidClientError("Invalid JWT assertion.") from error
        return found

    def get_audiences(self) -> list[str]:
        """What `aud` may be: the token endpoint or the issuer."""
        return self._audiences

    def resolve_client_public_key(self, client: Registered) -> Any:
        """The keys that the client registered; the header may only choose among them."""
        self._client = client
        return client.keys()

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> Any:
        """The claims of an assertion that holds; ES256 whatever its header says."""
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=["ES256"])
        except (JoseError, ValueError) as error:
            self._read_again()
            raise InvalidClientError("The signature of the assertion does not hold.") from error
        self._proving.signature_held = True
        if str(token.header.get("typ", "JWT")).lower() not in _TYPES:
            raise InvalidClientError("typ is that of another statement.")
        self.verify_claims(token.claims)
        return token.claims

    def _read_again(self) -> None:
        # at most once in 30 s, and never while this request waits: the next one finds them
        if isinstance(self._client, Registered):
            row = {"client_id": self._client.get_client_id()}
            self._session.connection().execute(_READ_AGAIN, row)

    def verify_claims(self, claims: dict[str, Any]) -> None:
        """Every claim of RFC 7523, none that reaches further than a minute, then its single use."""
        expires = claims.get("exp")
        if isinstance(expires, int | float) and expires > time.time() + _LIFETIME_S + _LEEWAY_S:
            raise InvalidClientError(f"exp is more than {_LIFETIME_S} s ahead.")
        super().verify_claims(claims)
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if any(audience not in self._audiences for audience in audiences):
            raise InvalidClientError("aud names somebody else too.")

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        """Whether nobody used `jti` before: the primary key decides, also between processes."""
        if not isinstance(jti, str) or not _JTI.fullmatch(jti):
            raise InvalidClientError("jti must be 1 to 128 visible ASCII characters.")
        row = {
            "client_id": claims["sub"],
            "jti": jti,
            "expires_at": datetime.fromtimestamp(claims["exp"] + _LEEWAY_S, UTC),
        }
        return self._session.connection().execute(_USE, row).rowcount == 1

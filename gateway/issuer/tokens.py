"""Access tokens: `at+jwt` (RFC 9068), ES256, five minutes."""

from typing import Any

from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc.jwk import ECKey, KeySet

from gateway.issuer.clients import Registered

ACCESS_TYP = "at+jwt"


class AccessTokens(JWTBearerTokenGenerator):  # type: ignore[misc]  # Authlib has no types
    """Signs with the gateway's current key; the audience is the platform itself."""

    def __init__(self, issuer: str, private: dict[str, Any], lifetime_s: int) -> None:
        super().__init__(issuer=issuer, alg="ES256", expires_generator=lifetime_s)
        parameters = {name: value for name, value in private.items() if name != "status"}
        self._keys = KeySet([ECKey.import_key(parameters)])

    def get_jwks(self) -> KeySet:
        """The one key that signs; a set, so that its `kid` enters the header."""
        return self._keys

    def get_audiences(self, _client: Registered, _user: Any, _scope: str) -> str:
        """The platform."""
        return str(self.issuer)

    def get_extra_claims(
        self, client: Registered, _grant_type: str, _user: Any, _scope: str
    ) -> dict[str, Any]:
        """Who the client is for us; `lender_id` only for lenders."""
        row, lender_id = client.row, client.organisation.lender_id
        lender = {"lender_id": lender_id} if lender_id else {}
        return {
            "sub": row.sub,
            "org": row.organisation_id,
            "roles": row.roles,
            "territory": row.territory,
            "tier": row.tier,
            **lender,
        }

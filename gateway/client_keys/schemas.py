"""Keys of clients on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.bodies import Incoming
from chassis.fields import Instant
from chassis.keys import is_canonical

Kid = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]+$", min_length=1, max_length=64)]


def _canonical(text: str) -> str:
    if not is_canonical(text):
        raise PydanticCustomError("COORDINATE_NOT_CANONICAL", "not 32 bytes in base64url")
    return text


Coordinate = Annotated[str, Field(max_length=43), AfterValidator(_canonical)]


class Jwk(Incoming):
    """A public key: P-256 for ES256, and nothing else (RFC 7517, RFC 7518 §6.2)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: Coordinate
    y: Coordinate
    kid: Kid
    use: Literal["sig"] = "sig"
    alg: Literal["ES256"] = "ES256"

    @model_validator(mode="before")
    @classmethod
    def _is_public(cls, value: Any) -> Any:
        if isinstance(value, dict) and "d" in value:
            raise PydanticCustomError("PRIVATE_KEY_SENT", "the private half was sent")
        return value


class KeyWrite(Incoming):
    """A public key, and the proof that its private half is held: a compact JWS made with it.

    Header: `alg` ES256, `typ` `key-proof+jwt`, `kid`. Claims: `iss` and `sub` the client, `aud`
    the issuer, `jkt` the key's thumbprint (RFC 7638), `iat`, `exp` at most 300 s later, `jti`.
    """

    jwk: Jwk
    proof: Annotated[str, Field(min_length=1, max_length=4096)]


class KeyRevocation(Incoming):
    """A key ends, now or at a date that is not later than the one it has."""

    kid: Kid
    revoke_at: Instant | None = None


class RefreshWrite(Incoming):
    """Read the client's key address now."""


class KeyRead(BaseModel):
    """A public key of a client; `revoke_at` is when it ends, or ended."""

    model_config = ConfigDict(from_attributes=True)

    kid: str
    thumbprint: str
    jwk: dict[str, Any]
    created_at: datetime
    revoke_at: datetime | None


class KeyList(BaseModel):
    """Every key of a client, also those that have ended."""

    items: list[KeyRead]

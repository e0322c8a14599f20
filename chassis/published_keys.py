"""The public keys with which a service signs its proofs, each as a bare JWK (RFC 7517)."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from chassis.auth import Visitor
from chassis.errors import NotFound
from chassis.openapi import problems
from chassis.parameters import PathCode

router = APIRouter(prefix="/v1", tags=["proofs"])


class SigningKey(BaseModel):
    """A public key; what a verifier finds when it follows `kid`."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


@router.get("/signing-keys/{kid}", responses=problems(NotFound))
async def read_signing_key(request: Request, _: Visitor, kid: PathCode) -> SigningKey:
    """A public key of this service's proofs, as a bare JWK."""
    found = next((key for key in request.app.state.keys.public() if key["kid"] == kid), None)
    if found is None:
        raise NotFound()
    return SigningKey.model_validate(found)

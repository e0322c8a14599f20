"""The public keys with which financing signs its receipts."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from chassis.auth import Visitor
from chassis.errors import NotFound
from chassis.openapi import problems

router = APIRouter(prefix="/v1", tags=["proofs"])


class KeyRead(BaseModel):
    """A public key, as RFC 7517 writes it."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


@router.get("/signing-keys/{kid}", responses=problems(NotFound))
async def read_signing_key(
    request: Request, _: Visitor, kid: Annotated[str, Path(max_length=64)]
) -> KeyRead:
    """The public key named in the header of a receipt."""
    keys: list[dict[str, Any]] = request.app.state.keys.public()
    for key in keys:
        if key["kid"] == kid:
            return KeyRead.model_validate(key)
    raise NotFound()

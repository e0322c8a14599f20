"""The issuer's addresses. Their answers and errors have the shapes of RFC 6749, not of problems."""

import time
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from chassis.db import Session
from gateway.issuer import fields
from gateway.issuer.fields import BadFields
from gateway.issuer.schemas import TOKEN_DOCUMENT, KeySetRead, OAuthError, TokenRead
from gateway.issuer.server import Answer, Issuer, ProtocolRequest
from gateway.settings import GatewaySettings

router = APIRouter(prefix="/oauth2", tags=["tokens"])


@router.post(
    "/token",
    response_model=TokenRead,
    openapi_extra=TOKEN_DOCUMENT,
    responses={400: {"model": OAuthError}, 401: {"model": OAuthError}},
)
async def issue_token(request: Request, session: Session) -> Response:
    """Exchange a client's proof of identity for an access token of five minutes.

    Either HTTP Basic with the client's secret, or `private_key_jwt`: an assertion signed ES256
    whose audience is this address or the issuer, which lives a minute and is used once.
    """
    settings: GatewaySettings = request.app.state.settings
    arrived_at = time.time()
    try:
        form = await fields.form(request)
    except BadFields as error:
        return _refused(str(error))
    if "client_assertion" in form and "authorization" in request.headers:
        return _refused("More than one way of proving the client's identity.")
    asked = ProtocolRequest(settings.token_url, request.headers, form)

    def answer(sync: Any) -> Answer:
        issuer = Issuer(sync, request.app.state.mint, arrived_at)
        found: Answer = issuer.create_token_response(asked)
        return found

    found = await session.run_sync(answer)
    return JSONResponse(found.body, found.status, found.headers)


def _refused(description: str) -> Response:
    body = {"error": "invalid_request", "error_description": description}
    return JSONResponse(body, 400, {"Cache-Control": "no-store"})


@router.get("/jwks")
async def read_keys(request: Request, response: Response) -> KeySetRead:
    """The public keys that sign access tokens (RFC 7517)."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return KeySetRead(keys=request.app.state.keys.public())

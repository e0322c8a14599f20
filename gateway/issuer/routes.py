"""The issuer's addresses. Their answers and errors have the shapes of RFC 6749, not of problems."""

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from chassis.db import Session
from chassis.errors import BodyTooLarge
from gateway.issuer.schemas import TOKEN_DOCUMENT, KeySetRead, OAuthError, TokenRead
from gateway.issuer.server import Answer, Issuer, TokenRequest
from gateway.settings import GatewaySettings

router = APIRouter(prefix="/oauth2", tags=["tokens"])
_FORM = "application/x-www-form-urlencoded"
_MAX_FORM = 16_384


class _BadForm(ValueError):
    """Why a request cannot be read, for `error_description`."""


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
    request.scope["max_body_bytes"] = _MAX_FORM
    try:
        asked = TokenRequest(settings.token_url, request.headers, await _form(request))
    except _BadForm as error:
        return _refused(str(error))

    def answer(sync: Any) -> Answer:
        audiences = [settings.token_url, settings.public_url]
        issuer = Issuer(sync, request.app.state.access_tokens, audiences)
        found: Answer = issuer.create_token_response(asked)
        return found

    found = await session.run_sync(answer)
    return JSONResponse(found.body, found.status, found.headers)


async def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise _BadForm(f"The body must be {_FORM}.")
    try:
        text = (await request.body()).decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=20, errors="strict")
    except (ValueError, BodyTooLarge) as error:
        raise _BadForm("The form cannot be read.") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _BadForm("A parameter is repeated.")
    if "client_assertion" in form and "authorization" in request.headers:
        raise _BadForm("More than one way of proving the client's identity.")
    return form


def _refused(description: str) -> Response:
    body = {"error": "invalid_request", "error_description": description}
    return JSONResponse(body, 400, {"Cache-Control": "no-store"})


@router.get("/jwks")
async def read_keys(request: Request, response: Response) -> KeySetRead:
    """The public keys that sign access tokens (RFC 7517)."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return KeySetRead(keys=request.app.state.keys.public())

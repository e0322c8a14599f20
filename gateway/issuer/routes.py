"""The issuer's addresses. Their answers and errors have the shapes of RFC 6749, not of problems."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from chassis.db import Session
from chassis.errors import InsufficientScope, Unauthenticated
from chassis.openapi import problems
from gateway.accounts import persons
from gateway.issuer import brakes, brought, fields
from gateway.issuer.assertions import Proving
from gateway.issuer.documents import INTROSPECTION, OAUTH_ERRORS, REVOCATION, TOKEN
from gateway.issuer.fields import BadFields
from gateway.issuer.id_tokens import profile
from gateway.issuer.schemas import Introspected, KeySetRead, TokenRead, UserInfo
from gateway.issuer.server import Answer, Issuer, ProtocolRequest
from gateway.plane.callers import Known
from gateway.settings import GatewaySettings

router = APIRouter(prefix="/oauth2", tags=["tokens"])
_Act = Callable[[Issuer, ProtocolRequest], Answer]


async def _form(request: Request) -> dict[str, str] | None:
    request.state.arrived_at = request.scope["arrived_at"]
    try:
        form = await fields.form(request)
    except BadFields as error:
        request.state.bad_form = str(error)
        return None
    if "client_assertion" in form and "authorization" in request.headers:
        request.state.bad_form = "More than one way of proving the client's identity."
        return None
    return form


Form = Annotated[dict[str, str] | None, Depends(_form)]


@router.post("/token", response_model=TokenRead, openapi_extra=TOKEN, responses=OAUTH_ERRORS)
async def issue_token(request: Request, form: Form) -> Response:
    """Exchange an authorization code, a refresh token or a client's own proof for tokens.

    A client proves itself with HTTP Basic and its secret, or with `private_key_jwt`: an assertion
    signed ES256 whose audience is this address or the issuer, which lives a minute and is used
    once. A client without a secret sends its `client_id`, and PKCE protects its codes.
    """

    def act(issuer: Issuer, asked: ProtocolRequest) -> Answer:
        found: Answer = issuer.create_token_response(asked)
        return found

    return await _answered(request, form, act)


@router.post(
    "/introspect",
    response_model=Introspected,
    response_model_exclude_unset=True,
    openapi_extra=INTROSPECTION,
    responses=OAUTH_ERRORS,
)
async def introspect_token(request: Request, form: Form) -> Response:
    """What a token is worth at this moment (RFC 7662).

    For clients that prove themselves: about their own tokens; with `platform:admin` about any.
    """
    return await _at_endpoint(request, form, "introspection")


@router.post("/revoke", openapi_extra=REVOCATION, responses=OAUTH_ERRORS)
async def revoke_token(request: Request, form: Form) -> Response:
    """End a token of one's own (RFC 7009): an access token alone, a refresh token with all that
    came of the same authorization. Also 200 for a token that is unknown."""
    return await _at_endpoint(request, form, "revocation")


async def _at_endpoint(request: Request, form: dict[str, str] | None, name: str) -> Response:
    state = request.app.state
    token = (form or {}).get("token", "")
    verified = await brought.access(token, state.verifying_keys, state.mint, state.cutoffs)

    def act(issuer: Issuer, asked: ProtocolRequest) -> Answer:
        issuer.verified = verified
        found: Answer = issuer.create_endpoint_response(name, asked)
        return found

    return await _answered(request, form, act)


async def _answered(request: Request, form: dict[str, str] | None, act: _Act) -> Response:
    if form is None:
        return _refused(request.state.bad_form)
    settings: GatewaySettings = request.app.state.settings
    address = f"{settings.public_url}{request.url.path}"
    asked = ProtocolRequest(address, request.headers, form)
    state, arrived_at = request.app.state, request.state.arrived_at

    used: list[str] = []

    def answer(sync: Any, proving: Proving) -> Answer:
        issuer = Issuer(sync, state.mint, arrived_at, proving)
        issuer.families.used = used
        return act(issuer, asked)

    try:
        # a refusal commits too: what it ended stays ended
        async with state.gate.place(), state.database.transaction() as session:
            found = await brakes.braked(
                session, request, form, lambda proving: session.run_sync(answer, proving)
            )
    finally:
        for digest in used:
            state.mint.answered.left(digest)
    return JSONResponse(found.body, found.status, found.headers)


def _refused(description: str) -> Response:
    body = {"error": "invalid_request", "error_description": description}
    return JSONResponse(body, 400, {"Cache-Control": "no-store"})


@router.get(
    "/userinfo",
    response_model_exclude_none=True,
    responses=problems(Unauthenticated, InsufficientScope),
)
@router.post(
    "/userinfo",
    name="post_userinfo",
    response_model_exclude_none=True,
    responses=problems(Unauthenticated, InsufficientScope),
)
async def read_userinfo(caller: Known, response: Response, session: Session) -> UserInfo:
    """Who signed in, for a token with the scope `openid` (OpenID Connect Core §5.3)."""
    response.headers["Cache-Control"] = "no-store"
    if not caller.has("openid"):
        raise InsufficientScope(required_scopes="openid")
    person = await persons.find(session, caller.sub)
    if person is None:
        raise Unauthenticated(reason="invalid")
    return UserInfo(**profile(person, set(caller.scopes)))


@router.get("/jwks")
async def read_keys(request: Request, response: Response) -> KeySetRead:
    """The public keys that sign access tokens (RFC 7517)."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return KeySetRead(keys=request.app.state.keys.public())

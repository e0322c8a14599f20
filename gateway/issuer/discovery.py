"""What a client library reads first. It says only what is really supported."""

from fastapi import APIRouter, Request, Response

from gateway.issuer.grants import METHODS, PROVEN, S256, CodeGrant, MachineGrant, RefreshGrant
from gateway.issuer.id_tokens import CLAIMS
from gateway.issuer.schemas import Metadata, ResourceMetadata
from gateway.issuer.server import KNOWN_SCOPES
from gateway.roles import SCOPES
from gateway.signin.asking import PROMPTS

router = APIRouter(prefix="/.well-known", tags=["tokens"])
_CACHE = "public, max-age=300"


def _metadata(public_url: str) -> Metadata:
    at = f"{public_url}/oauth2"
    return Metadata(
        issuer=public_url,
        authorization_endpoint=f"{at}/authorize",
        token_endpoint=f"{at}/token",
        introspection_endpoint=f"{at}/introspect",
        introspection_endpoint_auth_methods_supported=PROVEN,
        revocation_endpoint=f"{at}/revoke",
        revocation_endpoint_auth_methods_supported=METHODS,
        userinfo_endpoint=f"{at}/userinfo",
        end_session_endpoint=f"{at}/logout",
        jwks_uri=f"{at}/jwks",
        scopes_supported=list(KNOWN_SCOPES),
        claims_supported=CLAIMS,
        response_types_supported=["code"],
        response_modes_supported=["query"],
        grant_types_supported=[g.GRANT_TYPE for g in (CodeGrant, RefreshGrant, MachineGrant)],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["ES256"],
        token_endpoint_auth_methods_supported=METHODS,
        token_endpoint_auth_signing_alg_values_supported=["ES256"],
        code_challenge_methods_supported=S256.SUPPORTED_CODE_CHALLENGE_METHOD,
        authorization_response_iss_parameter_supported=True,
        request_parameter_supported=False,
        request_uri_parameter_supported=False,
        prompt_values_supported=list(PROMPTS),
        service_documentation=f"{public_url}/docs",
        ui_locales_supported=["fr", "en"],
    )


@router.get("/oauth-authorization-server")
async def read_authorization_server(request: Request, response: Response) -> Metadata:
    """The issuer, as RFC 8414 describes one."""
    response.headers["Cache-Control"] = _CACHE
    return _metadata(request.app.state.settings.public_url)


@router.get("/openid-configuration")
async def read_openid_configuration(request: Request, response: Response) -> Metadata:
    """The same, where OpenID Connect libraries look for it."""
    response.headers["Cache-Control"] = _CACHE
    return _metadata(request.app.state.settings.public_url)


@router.get("/oauth-protected-resource")
async def read_protected_resource(request: Request, response: Response) -> ResourceMetadata:
    """The platform as a protected resource: which issuer's tokens it accepts."""
    response.headers["Cache-Control"] = _CACHE
    base: str = request.app.state.settings.public_url
    return ResourceMetadata(
        resource=base,
        authorization_servers=[base],
        jwks_uri=f"{base}/oauth2/jwks",
        scopes_supported=list(SCOPES),
        bearer_methods_supported=["header"],
        resource_documentation=f"{base}/docs",
    )

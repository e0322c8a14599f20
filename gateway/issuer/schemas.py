"""The issuer on the wire."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class TokenRead(BaseModel):
    """RFC 6749 §5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="seconds")
    scope: str = Field(description="what was granted, separated by spaces")
    refresh_token: str | None = Field(
        default=None, description="for persons; good once, the answer brings the next one"
    )
    id_token: str | None = Field(default=None, description="with the scope `openid`")


class OAuthError(BaseModel):
    """RFC 6749 §5.2."""

    error: Literal[
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    ]
    error_description: str | None = None


class PublicKey(BaseModel):
    """A public key as a JWK."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str
    use: Literal["sig"]
    alg: Literal["ES256"]


class KeySetRead(BaseModel):
    """RFC 7517 §5."""

    keys: list[PublicKey]


class Metadata(BaseModel):
    """What the issuer really does (RFC 8414 and OpenID Connect Discovery), and nothing else."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    claims_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    code_challenge_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool
    request_parameter_supported: bool
    request_uri_parameter_supported: bool
    prompt_values_supported: list[str]
    service_documentation: str
    ui_locales_supported: list[str]


class ResourceMetadata(BaseModel):
    """Whom the platform trusts (RFC 9728)."""

    resource: str
    authorization_servers: list[str]
    jwks_uri: str
    scopes_supported: list[str]
    bearer_methods_supported: list[str]
    resource_documentation: str


_FIELDS = {
    "grant_type": {
        "type": "string",
        "enum": ["authorization_code", "refresh_token", "client_credentials"],
    },
    "code": {"type": "string", "description": "from the authorization response, good for 60 s"},
    "redirect_uri": {"type": "string", "description": "the one that the code was sent to"},
    "code_verifier": {"type": "string", "pattern": "^[A-Za-z0-9._~-]{43,128}$"},
    "refresh_token": {"type": "string", "description": "the newest one"},
    "client_id": {"type": "string", "description": "of a client without a secret"},
    "scope": {"type": "string", "description": "separated by spaces; absent: all of the client's"},
    "client_assertion_type": {
        "type": "string",
        "enum": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
    },
    "client_assertion": {"type": "string", "description": "RFC 7523, ES256, a minute at most"},
}
TOKEN_DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "required": ["grant_type"], "properties": _FIELDS}
            }
        },
    },
}

"""The issuer on the wire."""

from typing import Literal

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


class Introspected(BaseModel):
    """RFC 7662 §2.2: nothing but `active` for a token that is not good, or not yours to see."""

    active: bool
    token_type: Literal["Bearer"] | None = None
    scope: str | None = None
    client_id: str | None = None
    sub: str | None = None
    org: str | None = None
    roles: list[str] | None = None
    territory: list[str] | None = None
    lender_id: str | None = None
    tier: str | None = None
    sid: str | None = None
    jti: str | None = None
    iss: str | None = None
    aud: str | None = None
    iat: int | None = None
    exp: int | None = None
    auth_time: int | None = None
    amr: list[str] | None = None


class UserInfo(BaseModel):
    """OpenID Connect Core §5.3; names only with the scope `profile`."""

    sub: str
    name: str | None = None
    preferred_username: str | None = None
    locale: str | None = None


class OAuthError(BaseModel):
    """RFC 6749 §5.2."""

    error: Literal[
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_token_type",
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
    introspection_endpoint: str
    introspection_endpoint_auth_methods_supported: list[str]
    revocation_endpoint: str
    revocation_endpoint_auth_methods_supported: list[str]
    userinfo_endpoint: str
    end_session_endpoint: str
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

"""How the issuer's forms stand in the contract."""

from typing import Any

from gateway.issuer.schemas import OAuthError

_PROOF: dict[str, Any] = {
    "client_id": {"type": "string", "description": "of a client without a secret"},
    "client_assertion_type": {
        "type": "string",
        "enum": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
    },
    "client_assertion": {"type": "string", "description": "RFC 7523, ES256, a minute at most"},
}
_TOKEN: dict[str, Any] = {
    "grant_type": {
        "type": "string",
        "enum": ["authorization_code", "refresh_token", "client_credentials"],
    },
    "code": {"type": "string", "description": "from the authorization response, good for 60 s"},
    "redirect_uri": {"type": "string", "description": "the one that the code was sent to"},
    "code_verifier": {"type": "string", "pattern": "^[A-Za-z0-9._~-]{43,128}$"},
    "refresh_token": {"type": "string", "description": "the newest one"},
    "scope": {"type": "string", "description": "separated by spaces; absent: all that is allowed"},
}
_BROUGHT: dict[str, Any] = {
    "token": {"type": "string", "description": "an access token or a refresh token"},
    "token_type_hint": {"type": "string", "description": "not needed, and ignored"},
}


def _form(required: str, fields: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": [required], "properties": {**fields, **_PROOF}}
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


TOKEN = _form("grant_type", _TOKEN)
INTROSPECTION = _form("token", _BROUGHT)
REVOCATION = _form("token", _BROUGHT)
OAUTH_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": OAuthError},
    401: {"model": OAuthError},
}

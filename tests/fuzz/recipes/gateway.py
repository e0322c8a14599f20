"""What the gateway answers itself."""

import time

from tests.fuzz.makers import Makers
from tests.fuzz.recipes.fit import Fit, Recipe, anyone, free, known, new, on


def _end_secret(makers: Makers) -> Fit:
    client = makers.client()
    [secret] = makers.crew.get("admin", f"/v1/clients/{client['id']}/secrets")["items"]
    return Fit("admin", {"id": client["id"]}, {"secret_id": secret["id"]})


def _add_key(makers: Makers) -> Fit:
    client = makers.client(by_key=True)
    # a proof is good for five minutes, and a loaded machine may need longer for the next case
    until = time.monotonic() + 200
    return Fit("admin", {"id": client["id"]}, makers.upload(client)[0], ends_at=until)


def _end_key(makers: Makers) -> Fit:
    client, kid = makers.with_key()
    return Fit("admin", {"id": client["id"]}, {"kid": kid})


def _published(makers: Makers) -> str:
    address = f"{makers.crew.base}/oauth2/jwks"
    return str(makers.client(by_key=True, jwks_uri=address)["id"])


def _about_a_token(makers: Makers) -> Fit:
    # its own: a new one each time, because it may be revoked
    crew = makers.crew
    body = {"token": crew.fresh_token("third_party"), "token_type_hint": "access_token"}
    return Fit(None, body=body, headers={"Authorization": crew.basic("third_party")})


RECIPES: dict[str, Recipe] = {
    "GET /": anyone(),
    "GET /.well-known/oauth-authorization-server": anyone(),
    "GET /.well-known/oauth-protected-resource": anyone(),
    "GET /.well-known/openid-configuration": anyone(),
    "GET /oauth2/jwks": anyone(),
    "GET /openapi.json": anyone(),
    "GET /problems": anyone(),
    "GET /problems/{code}": anyone(code="NOT_FOUND"),
    "GET /verify/{code}": known(None, "registry codes", "code"),
    "GET /me": free("statistician"),
    "GET /cooperatives/{id}/overview": known("cooperative", "cooperatives"),
    "GET /me/limits": free("statistician"),
    "GET /me/events": free("cooperative"),
    "POST /oauth2/token": lambda makers: Fit(
        None,
        body={"grant_type": "client_credentials"},
        headers={"Authorization": makers.crew.basic("third_party")},
    ),
    "GET /me/profile": free("cooperative"),
    "PATCH /me/profile": new("cooperative", lambda _: {"language": "fr"}),
    "GET /audit-entries": free("admin"),
    "GET /organisations": free("admin"),
    "POST /organisations": new("admin", Makers.organisation_wish),
    "GET /organisations/{id}": known("admin", "organisations"),
    "PATCH /organisations/{id}": on("admin", Makers.new_organisation, {"name": "Jappoo Diendé"}),
    "POST /organisations/{id}/closures": on("admin", Makers.new_organisation),
    "POST /organisations/{id}/reactivations": on("admin", Makers.suspended_organisation),
    "POST /organisations/{id}/suspensions": on("admin", Makers.new_organisation),
    "GET /users": free("admin"),
    "POST /users": new("admin", Makers.user_wish),
    "GET /users/{id}": known("admin", "users"),
    "PATCH /users/{id}": on("admin", Makers.active, {"full_name": "Awa Sané"}),
    "POST /users/{id}/departures": on("admin", Makers.active),
    "POST /users/{id}/invitations": on("admin", Makers.invited),
    "POST /users/{id}/password-resets": on("admin", Makers.active),
    "POST /users/{id}/reactivations": on("admin", Makers.suspended_user),
    "POST /users/{id}/replacements": lambda makers: Fit(
        "admin", {"id": makers.departed()["id"]}, {"invitation": makers.invitation()}
    ),
    "POST /users/{id}/second-factor-resets": on("admin", Makers.active),
    "POST /users/{id}/suspensions": on("admin", Makers.active),
    "GET /notices": free("admin"),
    "GET /clients": free("admin"),
    "POST /clients": new("admin", Makers.client_wish),
    "GET /clients/{id}": known("admin", "clients"),
    "PATCH /clients/{id}": on("admin", Makers.client, {"name": "Comptabilité"}),
    "POST /clients/{id}/closures": on("admin", Makers.client),
    "POST /clients/{id}/suspensions": on("admin", Makers.client),
    "POST /clients/{id}/reactivations": on("admin", Makers.suspended_client),
    "GET /clients/{id}/secrets": known("admin", "clients"),
    "POST /clients/{id}/secrets": on("admin", Makers.client),
    "POST /clients/{id}/secret-revocations": _end_secret,
    "GET /clients/{id}/keys": known("admin", "clients"),
    "POST /clients/{id}/keys": _add_key,
    "POST /clients/{id}/key-revocations": _end_key,
    "POST /clients/{id}/key-refreshes": lambda makers: Fit("admin", {"id": _published(makers)}, {}),
    "GET /access-grants": free("cooperative"),
    "POST /access-grants": new("cooperative", Makers.grant_wish),
    "GET /access-grants/{id}": known("cooperative", "access-grants"),
    "POST /access-grants/{id}/revocations": on("cooperative", Makers.access_grant),
    "GET /oauth2/userinfo": free("person"),
    "POST /oauth2/userinfo": free("person"),
    "POST /oauth2/introspect": _about_a_token,
    "POST /oauth2/revoke": _about_a_token,
}

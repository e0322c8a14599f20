"""What the gateway answers itself."""

from tests.fuzz.makers import Makers
from tests.fuzz.recipes.fit import Fit, Recipe, anyone, free, known, new, on

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
    "GET /me/limits": free("statistician"),
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
}

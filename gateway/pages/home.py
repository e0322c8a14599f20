"""Where to begin."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

router = APIRouter(tags=["contract"])


class Home(BaseModel):
    """The platform's addresses."""

    title: str
    version: str
    links: dict[str, str]


@router.get("/")
async def read_home(request: Request) -> Home:
    """The platform in one glance, with the addresses of everything else."""
    base: str = request.app.state.settings.public_url
    paths = {
        "api": "/v1",
        "contract": "/v1/openapi.json",
        "documentation": "/docs",
        "problems": "/v1/problems",
        "me": "/v1/me",
        "token": "/oauth2/token",
        "keys": "/oauth2/jwks",
        "issuer": "/.well-known/oauth-authorization-server",
        "resource": "/.well-known/oauth-protected-resource",
        "verification": "/verify/{code}",
        "live": "/health/live",
        "ready": "/health/ready",
    }
    return Home(
        title="Mboolo",
        version=request.app.version,
        links={name: f"{base}{path}" for name, path in paths.items()},
    )

"""The documentation page. Everything it loads comes from here: it works without the internet."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from chassis.errors import NotFound

router = APIRouter(prefix="/docs", include_in_schema=False)
_HERE = Path(__file__).parent
_VENDORED = Path(str(files("fastapi_offline"))) / "static"
_ASSETS = {
    "swagger-ui.css": _VENDORED / "swagger-ui.css",
    "swagger-ui-bundle.js": _VENDORED / "swagger-ui-bundle.js",
    "favicon.png": _VENDORED / "favicon.png",
    "start.js": _HERE / "start.js",
}
# Swagger UI writes style attributes and small images into the page; scripts come from files only.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


@router.get("")
async def show_documentation() -> Response:
    """The contract, to read and to try."""
    headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
    return FileResponse(_HERE / "docs.html", media_type="text/html", headers=headers)


@router.get("/assets/{name}")
async def read_asset(name: str) -> Response:
    """A file that the page loads."""
    if name not in _ASSETS:
        raise NotFound()
    return FileResponse(_ASSETS[name], headers={"Cache-Control": "public, max-age=3600"})

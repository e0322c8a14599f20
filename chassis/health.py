"""Alive: the loop turns. Ready: the database answers, is migrated, and we are not leaving."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
async def live() -> Response:
    """200 as long as the process can answer at all; no input or output is touched."""
    return JSONResponse({"status": "ok"})


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """200 when a request would be served; 503 with what is missing otherwise."""
    missing = [name for name, check in request.app.state.checks.items() if not await check()]
    body = {"status": "ok" if not missing else "unavailable", "missing": missing}
    return JSONResponse(body, 200 if not missing else 503, {"Cache-Control": "no-store"})

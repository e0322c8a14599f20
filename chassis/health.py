"""Alive: the loop turns. Ready: the database answers, is migrated, and we are not leaving."""

from typing import Any

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
    state = request.app.state
    return told(state, [name for name, check in state.checks.items() if not await check()])


def told(state: Any, missing: list[str]) -> Response:
    """The answer of a process that lacks this; one that is leaving is not ready whatever it has."""
    is_leaving = getattr(state, "is_leaving", False)
    status = "draining" if is_leaving else "unavailable" if missing else "ok"
    body = {"status": status, "missing": missing}
    return JSONResponse(body, 200 if status == "ok" else 503, {"Cache-Control": "no-store"})

"""`python -m tests.chassis.drainee PORT DRAIN_S`: a process that can be told to leave."""

import asyncio
import sys
import time

import uvicorn
from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from chassis import health
from chassis.protocol import PatientProtocol
from chassis.server import run

app = FastAPI()
app.include_router(health.router)
app.state.checks = {}
app.state.reloads = 0


def _reload() -> None:
    app.state.reloads += 1


app.state.reload = _reload


@app.get("/quick")
async def quick() -> Response:
    return JSONResponse({"reloads": app.state.reloads})


@app.get("/slow")
async def slow(seconds: float) -> Response:
    await asyncio.sleep(seconds)
    return JSONResponse({"slept": seconds})


@app.get("/deaf")
async def deaf(seconds: float) -> Response:
    """For so long nobody is let in, and nothing is heard."""
    time.sleep(seconds)  # noqa: ASYNC251 - that is the point
    return JSONResponse({"slept": seconds})


def main() -> None:
    config = uvicorn.Config(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=25,
    )
    run(config, drain_s=float(sys.argv[2]))


if __name__ == "__main__":
    main()

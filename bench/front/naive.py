"""A gateway as most people would write it: FastAPI, a dependency that verifies the token, httpx."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from jose import JWTError, jwt

_KEYS = json.loads(os.environ["BENCH_KEYS"])
_ISSUER = "http://127.0.0.1:8000"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(base_url=os.environ["BENCH_UPSTREAM"]) as client:
        app.state.client = client
        yield


def _claims(request: Request) -> dict[str, Any]:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        return jwt.decode(token, _KEYS, algorithms=["ES256"], audience=_ISSUER, issuer=_ISSUER)
    except JWTError as error:
        raise HTTPException(401) from error


app = FastAPI(lifespan=_lifespan)


@app.api_route("/v1/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def carry(path: str, request: Request, claims: Annotated[Any, Depends(_claims)]) -> Response:
    """Carry it there and back."""
    client: httpx.AsyncClient = request.app.state.client
    answer = await client.request(
        request.method,
        f"/v1/{path}",
        params=request.query_params,
        content=await request.body(),
        headers={"x-subject": claims["sub"], "accept": request.headers.get("accept", "*/*")},
    )
    kind = answer.headers.get("content-type")
    return Response(answer.content, answer.status_code, media_type=kind)

"""How the tests of the whole house call a route: all in order, but for what they are about."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

from tests.house.house import House
from tests.house.objects import Thing
from tests.house.services import Case
from tests.town import Identity, problem


def filled(path: str, value: str | None = None) -> str:
    """A path with a value for its parameter; one that nothing has, if none is given."""
    if "{" not in path:
        return path
    return path[: path.index("{")] + (value or str(uuid4())) + path[path.index("}") + 1 :]


def media_of(method: str) -> str:
    return "application/merge-patch+json" if method == "PATCH" else "application/json"


def body_of(method: str, content: bytes) -> dict[str, Any]:
    """What httpx needs to send `content` with a method that takes a body."""
    if method == "GET":
        return {}
    return {"content": content, "headers": {"content-type": media_of(method)}}


def told(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All that a refusal says, but for its trace."""
    body = {k: v for k, v in problem(answer).items() if k not in ("trace_id", "instance")}
    headers = {k: v for k, v in answer.headers.items() if k != "x-request-id"}
    return answer.status_code, body, headers


async def send(
    house: House,
    case: Case,
    thing: Thing | None,
    content: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    query: str = "",
) -> httpx.Response:
    """A call by somebody who may, on an object of theirs; `headers` replace what would be right,
    or take it away when they are empty."""
    name, method, path, scopes = case
    address = filled(path, thing.value if thing else None)
    key = uuid4().hex
    usual = {"If-Match": f'"{thing.version if thing else 1}"'}
    usual |= {"Idempotency-Key": key, "Content-Type": media_of(method)} if method != "GET" else {}
    if thing and thing.bank:
        usual["x-jws-signature"] = thing.bank.signed(address, content, key)
    wanted = {k: v for k, v in (usual | dict(headers or {})).items() if v}
    who = thing.rightful(*scopes or ()) if thing else somebody(scopes)
    async with house.client(name, who) as client:
        sent = content if method != "GET" else None
        return await client.request(method, address + query, headers=wanted, content=sent)


def somebody(scopes: tuple[str, ...] | None) -> Identity | None:
    """Somebody with these scopes, everywhere; nobody for a public route."""
    if scopes is None:
        return None
    return Identity(scope=" ".join(scopes), territory=["SN"], lender_id=str(uuid4()))

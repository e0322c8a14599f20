"""Every route × every scope: strangers 401, the wrong scope 403, before anything else."""

from uuid import uuid4

import httpx
import pytest

from gateway.roles import SCOPES
from tests.house.services import cases
from tests.town import Identity, Town, problem

GUARDED = [case for case in cases() if case[3] is not None]


async def call(client: httpx.AsyncClient, method: str, path: str, body: bytes) -> httpx.Response:
    for name in ("id", "code", "kid", "name"):
        path = path.replace(f"{{{name}}}", str(uuid4()))
    headers = {"content-type": "application/json"} if method != "GET" else {}
    return await client.request(method, path, content=body, headers=headers)


@pytest.mark.parametrize(("name", "method", "path", "scopes"), GUARDED)
async def test_strangers_and_wrong_scopes_are_refused(
    town: Town, name: str, method: str, path: str, scopes: tuple[str, ...]
) -> None:
    body = b"{}" if method != "GET" else b""
    async with town.client(name) as stranger:
        answer = await call(stranger, method, path, body)
    assert (answer.status_code, problem(answer)["code"]) == (401, "UNAUTHENTICATED")
    wrong = " ".join(scope for scope in SCOPES if scope not in scopes)
    async with town.client(name, Identity(scope=wrong, territory=["SN"])) as client:
        answer = await call(client, method, path, body)
    assert (answer.status_code, problem(answer)["code"]) == (403, "INSUFFICIENT_SCOPE")


@pytest.mark.parametrize(
    ("name", "method", "path", "scopes"), [case for case in GUARDED if "{id}" in case[2]]
)
async def test_what_is_absent_malformed_or_of_others_is_not_found(
    town: Town, name: str, method: str, path: str, scopes: tuple[str, ...]
) -> None:
    who = Identity(scope=" ".join(scopes), territory=["SN"], lender_id=str(uuid4()))
    answers = []
    async with town.client(name, who) as client:
        for id in (str(uuid4()), "7", "%00", "0197d1a5-0000-7000-8000-00000000000g"):
            address = path.replace("{id}", id)
            kind = {"content-type": "application/json"} if method != "GET" else {}
            body = b'{"surprise": true}' if method != "GET" else b""
            answers.append(await client.request(method, address, content=body, headers=kind))
    assert {answer.status_code for answer in answers} == {404}
    assert {problem(answer)["code"] for answer in answers} == {"NOT_FOUND"}


@pytest.mark.parametrize(("name", "method", "path", "scopes"), cases())
async def test_hostile_input_is_never_a_crash(
    town: Town, name: str, method: str, path: str, scopes: tuple[str, ...] | None
) -> None:
    who = Identity(scope=" ".join(scopes or ()), territory=["SN"]) if scopes else None
    bodies = [b"", b"[]", b"\xff", b'{"a": NaN}', b'{"a": "\\ud800"}', b'{"\\u0000": 1}', b"null"]
    answers = []
    async with town.client(name, who) as client:
        answers += [
            await call(client, method, path, b) for b in bodies if b == b"" or method != "GET"
        ]
        answers.append(await call(client, method, f"{path}?limit=%00&q=%00", b"{}"))
        answers.append(await call(client, method, f"{path}?nonsense=1", b"{}"))
    assert max(answer.status_code for answer in answers) < 500, [a.text for a in answers]
    assert answers[-1].status_code in (400, 404)

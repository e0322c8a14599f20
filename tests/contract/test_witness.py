"""The witness of all other tests really sees."""

import httpx
import pytest

from tests.town import Town
from tests.witness import Witness, witness_of


def answer(
    path: str, status: int, body: object, **headers: str
) -> tuple[httpx.Request, httpx.Response]:
    request = httpx.Request("GET", f"http://registry{path}")
    return request, httpx.Response(status, json=body, headers=headers, request=request)


@pytest.fixture(scope="module")
def witness() -> Witness:
    found = witness_of("registry")
    assert found is not None
    return found


TIP = {"sequence": 1, "hash": "0" * 64}


async def test_a_promised_answer_passes(witness: Witness) -> None:
    await witness.look(*answer("/v1/events/tip", 200, TIP))


@pytest.mark.parametrize(
    ("status", "body", "headers", "complaint"),
    [
        (200, {"sequence": 1}, {}, '"hash" is a required property'),
        (200, {**TIP, "sequence": -1}, {}, "-1 is less than the minimum of 0"),
        (200, {**TIP, "hash": 7}, {}, '7 is not of type "string"'),
        (206, TIP, {}, "this status is not in the contract"),
        (404, {"detail": "Not Found"}, {}, "this status is not in the contract"),
        (400, {"detail": "no"}, {}, "application/json instead of application/problem"),
        (200, TIP, {"ETag": "W/7"}, "ETag"),
    ],
)
async def test_anything_else_is_told(
    witness: Witness, status: int, body: object, headers: dict[str, str], complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        await witness.look(*answer("/v1/events/tip", status, body, **headers))


async def test_it_looks_at_what_the_town_answers(
    town: Town, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    async def look(_: Witness, request: httpx.Request, answer: httpx.Response) -> None:
        if request.headers.get("x-request-id") == "looked-at":  # others speak meanwhile
            seen.append(answer.status_code)

    monkeypatch.setattr(Witness, "look", look)
    async with town.client("registry") as client:
        client.headers["X-Request-ID"] = "looked-at"
        await client.get("/v1/events/tip")
        await client.get("/v1/filings")
    assert seen == [200, 401]

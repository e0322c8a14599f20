"""The overview over services that sleep, stumble or talk nonsense: what can be said is said."""

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.gateway.world import App, Gateway, Recorder, answer

ID = "0198a000-0000-7000-8000-0000000000aa"
RECORD = {
    "id": ID, "registration_number": "SN-1", "name": "Jappoo", "legal_form": "SCOOPS",
    "life": "ACTIVE", "legal_registration": "REGISTERED", "cps_status": "NONE",
    "ess_status": "NONE", "commune_code": "SN-SE-SD3-1", "region_code": "SN-SE",
    "sector_codes": ["A01"], "cps_tags": [], "members_count": 7, "women_count": 6,
    "registered_on": "2026-01-02", "revision": 3,
    "officers": [{"family_name": "Planted"}], "phone": "771234567",
}  # fmt: skip
PAGE: dict[str, Any] = {"items": [], "next_cursor": None, "next": None}
LISTS = ("delegations", "training-sessions", "training-certificates")


def says(status: int, body: Any) -> App:
    async def act(scope: Scope, receive: Receive, send: Send) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        await answer(send, status, content, [(b"content-type", b"application/json")])

    return act


async def sleeps(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(30)


async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
    told = [(b"content-length", b"500")]
    await send({"type": "http.response.start", "status": 200, "headers": told})
    await send({"type": "http.response.body", "body": b'{"items": [', "more_body": True})
    raise ConnectionResetError


async def drips(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(30):
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.sleep(1)


async def floods(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(50):
        await send({"type": "http.response.body", "body": b" " * 100_000, "more_body": True})
    await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
def acts(services: dict[str, Recorder]) -> Iterator[dict[str, Recorder]]:
    """Both services answer well; financing is away, as always here."""
    record, training = services["registry"].acts, services["training"].acts
    record[f"/v1/cooperatives/{ID}"] = says(200, RECORD)
    training.update({f"/v1/{name}": says(200, PAGE) for name in LISTS})
    yield services
    record.clear()
    training.clear()


async def look(gateway: Gateway, client: httpx.AsyncClient, id: str = ID) -> httpx.Response:
    told = await gateway.bearer("cooperative")
    return await client.get(f"/v1/cooperatives/{id}/overview", headers=told)


def told_of(found: httpx.Response, *names: str) -> list[str]:
    assert found.status_code == 200, found.text
    body = found.json()
    return [body[name]["status"] for name in names]


async def test_a_service_to_which_nobody_listens_is_left_out(
    gateway: Gateway, client: httpx.AsyncClient, acts: dict[str, Recorder]
) -> None:
    found = await look(gateway, client)
    assert told_of(found, "registry", "training", "financing") == ["OK", "OK", "UNAVAILABLE"]
    assert found.json()["is_partial"] is True
    # only what is named in the contract goes on, whatever a service adds
    assert "Planted" not in found.text
    assert "771234567" not in found.text


@pytest.mark.parametrize(
    "act",
    [
        sleeps,
        breaks_off,
        drips,
        floods,
        says(500, {}),
        says(503, {}),
        says(429, {}),
        says(401, {}),
        says(404, {}),
        says(200, b"<html>"),
        says(200, {"items": [{"id": 1}]}),
        says(200, b"\xff\xfe"),
        says(302, b""),
    ],
)
async def test_a_service_that_stumbles_leaves_the_rest(
    gateway: Gateway, client: httpx.AsyncClient, acts: dict[str, Recorder], act: App
) -> None:
    acts["training"].acts["/v1/training-sessions"] = act
    found = await look(gateway, client)
    assert told_of(found, "registry", "training") == ["OK", "UNAVAILABLE"]
    assert found.json()["training"]["data"] is None
    assert found.json()["registry"]["data"]["name"] == "Jappoo"


async def test_a_registry_that_sleeps_leaves_the_rest(
    gateway: Gateway, client: httpx.AsyncClient, acts: dict[str, Recorder]
) -> None:
    acts["registry"].acts[f"/v1/cooperatives/{ID}"] = sleeps
    found = await look(gateway, client)
    assert told_of(found, "registry", "training") == ["UNAVAILABLE", "OK"]


async def test_what_the_registry_does_not_know_is_absent_whoever_sleeps(
    gateway: Gateway, client: httpx.AsyncClient, acts: dict[str, Recorder]
) -> None:
    id = str(uuid4())
    acts["registry"].acts[f"/v1/cooperatives/{id}"] = says(404, {})
    acts["training"].acts["/v1/delegations"] = sleeps
    found = await look(gateway, client, id)
    assert (found.status_code, found.json()["code"]) == (404, "NOT_FOUND")


async def test_all_are_asked_at_once(
    gateway: Gateway, client: httpx.AsyncClient, acts: dict[str, Recorder]
) -> None:
    meeting = asyncio.Barrier(4)  # whoever were asked after another one would never come

    def meets(body: Any) -> App:
        async def act(scope: Scope, receive: Receive, send: Send) -> None:
            await meeting.wait()
            await says(200, body)(scope, receive, send)

        return act

    acts["registry"].acts[f"/v1/cooperatives/{ID}"] = meets(RECORD)
    acts["training"].acts.update({f"/v1/{name}": meets(PAGE) for name in LISTS})
    found = await look(gateway, client)
    assert told_of(found, "registry", "training") == ["OK", "OK"]


async def test_each_service_is_asked_in_the_callers_own_name(
    gateway: Gateway, client: httpx.AsyncClient, acts: dict[str, Recorder]
) -> None:
    for name in ("registry", "training"):
        acts[name].acts.clear()
    told = await gateway.bearer("cooperative")
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = {**told, "X-Request-Id": "look.1", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    await client.get(f"/v1/cooperatives/{ID}/overview", headers=sent)
    for name, target in (
        ("registry", f"/v1/cooperatives/{ID}"),
        *(("training", f"/v1/{what}?cooperative_id={ID}&limit=20") for what in LISTS),
    ):
        seen = acts[name].last(target)
        letter = (seen.header(b"authorization") or b"").decode().removeprefix("Bearer ")
        claims = json.loads(base64.urlsafe_b64decode(letter.split(".")[1] + "=="))
        assert seen.target == target.encode()
        assert (claims["aud"], claims["iss"]) == (name, "mboolo-gateway")
        assert claims["org"] == gateway.entry("cooperative")["organisation_id"]
        assert letter not in told["Authorization"]
        assert seen.header(b"x-request-id") == b"look.1"
        assert trace.encode() in (seen.header(b"traceparent") or b"")


async def test_a_caller_without_a_token_asks_nobody(
    client: httpx.AsyncClient, acts: dict[str, Recorder]
) -> None:
    before = acts["registry"].count("/v1/cooperatives")
    for headers in ({}, {"Authorization": "Bearer x"}):
        found = await client.get(f"/v1/cooperatives/{ID}/overview", headers=headers)
        assert (found.status_code, found.json()["code"]) == (401, "UNAUTHENTICATED")
    assert acts["registry"].count("/v1/cooperatives") == before

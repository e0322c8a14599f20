"""The gateway hears whose a cooperative is, from the registry alone; its internal addresses lie on
the public port, so that nothing but a peer's signature may open them."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from chassis import openapi
from chassis.ids import new_id
from chassis.jose import Signer
from chassis.keys import new_private_jwk
from tests.gateway.world import Gateway
from tests.registry.people import a_filer, registered
from tests.town import Town, problem

EVENTS = "/internal/v1/events"


@pytest.fixture
async def heard(town: Town, gateway_in_town: FastAPI) -> AsyncIterator[FastAPI]:
    """The gateway as the others of the town reach it."""
    town.apps["gateway"] = gateway_in_town
    yield gateway_in_town
    del town.apps["gateway"]


async def known(app: FastAPI, id: str) -> dict[str, Any] | None:
    async with app.state.reads.connection() as connection:
        row = await connection.fetchrow("select * from known_cooperative where id = $1", id)
    return dict(row) if row else None


def a_push(id: str, **changes: Any) -> bytes:
    data = {"cooperative_id": id, "organisation_id": "org-of-a-liar", "name": "Faux"} | changes
    event = {
        "id": str(new_id()),
        "type": "sn.mboolo.registry.cooperative.registered.v1",
        "subject": f"cooperative/{id}",
        "time": "2026-11-27T10:00:00.000Z",
        "resourceversion": 1,
        "data": data,
    }
    return json.dumps({"events": [event], "heartbeat": None}).encode()


def claims(**changes: Any) -> dict[str, Any]:
    return {"iat": int(time.time()), "htm": "POST", "aud": "gateway", "iss": "registry"} | changes


async def test_a_registered_cooperative_is_known_with_its_organisation(
    town: Town, heard: FastAPI
) -> None:
    """A real push of the registry's own deliverer, signed with its own key."""
    owner = a_filer()
    made = await registered(town, owner)
    assert await known(heard, made["cooperative_id"]) is None
    await town.deliver()
    found = await known(heard, made["cooperative_id"])
    assert found is not None
    assert found["organisation_id"] == owner.org
    async with town.apps["registry"].state.reads.connection() as connection:
        dead = await connection.fetchval(
            "select count(*) from event_lane where consumer = 'gateway' and aggregate = $1"
            " and (dead_at is not null or attempts > 0)",
            f"cooperative/{made['cooperative_id']}",
        )
    assert dead == 0


async def test_while_the_gateway_is_away_nothing_is_lost_and_nothing_dies(
    town: Town, gateway_in_town: FastAPI
) -> None:
    made = await registered(town, a_filer())
    lane = "select * from event_lane where consumer = 'gateway' and aggregate = $1"
    subject = f"cooperative/{made['cooperative_id']}"
    registry = town.apps["registry"].state
    async with registry.reads.connection() as connection:
        row = await connection.fetchrow(lane, subject)
    assert (row["head"], row["tail"], row["attempts"], row["dead_at"]) == (1, 1, 0, None)
    town.apps["gateway"] = gateway_in_town
    try:
        await town.deliver()
    finally:
        del town.apps["gateway"]
    assert await known(gateway_in_town, made["cooperative_id"]) is not None


@pytest.mark.parametrize(
    ("by", "wrong"),
    [
        ("registry", {"aud": "training"}),
        ("registry", {"iss": "training"}),
        ("registry", {"iss": "gateway"}),
        ("registry", {"htm": "PUT"}),
        ("registry", {"iat": 1_767_225_600}),
        ("financing", {}),
        ("gateway", {}),
        ("stranger", {}),
    ],
    ids=str,
)
async def test_a_push_that_the_registry_did_not_sign_for_us_is_not_heard(
    town: Town, heard: FastAPI, by: str, wrong: dict[str, Any]
) -> None:
    keys = {name: app.state.keys.current for name, app in town.apps.items()}
    signer = Signer(keys.get(by) or new_private_jwk("reg-stranger"))
    id = str(new_id())
    body = a_push(id)
    headers = {"x-jws-signature": signer.detached(body, claims(**wrong))}
    async with town.client("gateway") as client:
        answer = await client.post(EVENTS, content=body, headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (401, "UNAUTHENTICATED")
    assert await known(heard, id) is None


async def test_another_service_signs_for_itself_and_still_says_nothing_about_cooperatives(
    town: Town, heard: FastAPI
) -> None:
    """Training is a peer; whose a cooperative is, only the registry may say."""
    id = str(new_id())
    body = a_push(id)
    signature = Signer(town.apps["training"].state.keys.current).detached(
        body, claims(iss="training")
    )
    async with town.client("gateway") as client:
        answer = await client.post(EVENTS, content=body, headers={"x-jws-signature": signature})
    assert answer.json()["failed"] == {f"cooperative/{id}": "NotTheirs"}
    assert await known(heard, id) is None


@pytest.mark.parametrize("signature", [None, "", "nonsense", "e30..e30", "a.b.c"])
@pytest.mark.parametrize("body", [b"{}", b"\xff", b"[" * 100_000], ids=["json", "bytes", "deep"])
async def test_the_public_port_hears_nobody_without_a_signature(
    gateway: Gateway, client: httpx.AsyncClient, signature: str | None, body: bytes
) -> None:
    headers = {"x-jws-signature": signature} if signature is not None else {}
    answer = await client.post(EVENTS, content=body, headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (401, "UNAUTHENTICATED")
    token = await gateway.token("admin")
    headers["Authorization"] = f"Bearer {token}"
    answer = await client.post(EVENTS, content=body, headers=headers)
    assert answer.status_code == 401  # whoever one is: nobody but a peer


def test_nothing_else_lies_under_internal(gateway_in_town: FastAPI) -> None:
    """What is there is read by anybody, or opened by a signature; a new address must say which."""
    found = {
        (method, route.path_format)
        for route in openapi.routes(gateway_in_town)
        if route.path_format.startswith("/internal/")
        for method in route.methods or ()
    }
    assert found == {
        ("POST", EVENTS),
        ("GET", "/internal/v1/jwks"),
        ("GET", "/internal/v1/openapi.json"),
        ("GET", "/internal/v1/problems"),
    }

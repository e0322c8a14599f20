"""Who works on filings in the tests, and how far a filing is brought for them."""

import asyncio
import time
from datetime import timedelta
from itertools import count
from typing import Any

import httpx

from chassis import clock
from services.registry.stream.service import link_chains, sign_checkpoints
from tests.makers import a_filing
from tests.town import Identity, Town


def a_filer(**changes: Any) -> Identity:
    return Identity(
        scope="filings:write cooperatives.members:read", roles=["cooperative"], **changes
    )


def an_instructor(territory: str = "SN-SE") -> Identity:
    return Identity(
        scope="filings:review cooperatives.members:read",
        roles=["instructor"],
        territory=[territory],
    )


def a_validator(territory: str = "SN-SE") -> Identity:
    return Identity(scope="filings:decide", roles=["validator"], territory=[territory])


async def drafted(town: Town, filer: Identity, **changes: Any) -> dict[str, Any]:
    async with town.client("registry", filer) as client:
        return expect(await client.post("/v1/filings", json=a_filing(**changes)), 201)


async def submitted(town: Town, filer: Identity, **changes: Any) -> dict[str, Any]:
    filing = await drafted(town, filer, **changes)
    async with town.client("registry", filer) as client:
        return expect(await client.post(f"/v1/filings/{filing['id']}/submissions"), 201)


async def reviewed(town: Town, filer: Identity, **changes: Any) -> dict[str, Any]:
    filing = await submitted(town, filer, **changes)
    async with town.client("registry", an_instructor()) as client:
        await act(client, filing, "reviews", {"outcome": "COMPLETE"})
    async with town.client("registry", filer) as client:
        return expect(await client.get(f"/v1/filings/{filing['id']}"), 200)


async def registered(town: Town, filer: Identity, **changes: Any) -> dict[str, Any]:
    filing = await reviewed(town, filer, **changes)
    async with town.client("registry", a_validator()) as client:
        answer = await decide(client, filing, {"outcome": "APPROVED"})
    return expect(answer, 201)


async def act(
    client: httpx.AsyncClient, filing: dict[str, Any], what: str, body: dict[str, Any]
) -> httpx.Response:
    return await client.post(f"/v1/filings/{filing['id']}/{what}", json=body)


async def decide(
    client: httpx.AsyncClient, filing: dict[str, Any], body: dict[str, Any], **headers: str
) -> httpx.Response:
    sent = {"If-Match": f'"{filing["version"]}"'} | headers
    return await client.post(f"/v1/filings/{filing['id']}/decisions", json=body, headers=sent)


def expect(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


_WAITING = (
    "select (select count(*) from event_log where is_public) + (select count(*) from ledger)"
    " + (select count(*) from event_log) + (select count(*) from effect)"
    " + (select count(*) from desk_step) + (select count(*) from imprint)"
    " - (select count(*) from chain_link)"
)


async def link_everything(town: Town) -> None:
    """Link both chains to the last row: a transaction open anywhere holds the horizon back, also
    that of another worker in a database of its own."""
    app = town.apps["registry"]
    until = time.monotonic() + 180
    while time.monotonic() < until:
        await link_chains(app)
        if (await app.state.reads.fetch(_WAITING))[0][0] == 0:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the horizon did not move for 180 s")


_MINUTES = count(2, 2)


async def sign_everything(town: Town) -> None:
    """Sign where every chain stands now: each time minutes after the last, and again as long as a
    chain is longer than is signed at once."""
    await link_everything(town)
    signed = 1
    while signed:
        with clock.shifted(timedelta(minutes=next(_MINUTES))):
            signed = await sign_checkpoints(town.apps["registry"])

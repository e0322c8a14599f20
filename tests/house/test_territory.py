"""Territory and ownership, for every route that names a thing and every list: generated from the
routes, so that a new one without its thing in `things.py` fails."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.roles import SCOPES
from tests.house.services import Case
from tests.house.things import LISTS, NAMED, REGION, Things, knock
from tests.registry.people import a_filer, submitted
from tests.town import Identity, Town, problem

ELSEWHERE = ["SN-DK", "SN-KD", "SN-ZG", "SN-SE-SD3-2"]
ALL = " ".join(SCOPES)


def told(answer: httpx.Response) -> dict[str, Any]:
    return {k: v for k, v in problem(answer).items() if k not in ("trace_id", "instance")}


def a_stranger(scope: str = ALL, **changes: Any) -> Identity:
    """An agent with every scope, everywhere but there."""
    known: dict[str, Any] = {"territory": ELSEWHERE, "lender_id": str(uuid4())}
    return Identity(scope=scope, **(known | changes))


async def walk(client: httpx.AsyncClient, address: str) -> str:
    """The text of every page of a list."""
    texts, after = [], f"{address}{'&' if '?' in address else '?'}limit=200"
    while after:
        answer = await client.get(after.removeprefix("http://gateway"))
        assert answer.status_code == 200, answer.text
        texts.append(answer.text)
        after = answer.json()["next"]
    return "\n".join(texts)


@pytest.mark.parametrize("door", NAMED, ids=str)
async def test_an_agent_of_another_territory_finds_nothing(
    town: Town, things: Things, door: Case
) -> None:
    prefix, _, rest = door.path.partition("/{id}")
    async with town.client(door.service, a_stranger()) as client:
        foreign = await knock(door, client, things.address(door.path))
        absent = await knock(door, client, f"{prefix}/{uuid4()}{rest}")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert told(foreign) == told(absent)


@pytest.mark.parametrize("door", NAMED, ids=str)
async def test_whoever_it_concerns_finds_it_at_the_same_address(
    town: Town, things: Things, door: Case
) -> None:
    """What makes the test above worth something: each of these addresses is a door to somebody."""
    owner = Identity(scope=" ".join(door.scopes or ()), org=things.org)
    agent = Identity(scope=" ".join(door.scopes or ()), territory=[REGION])
    trainer = Identity(scope=" ".join(door.scopes or ()), sub=things.trainer.sub)
    lender = Identity(scope=" ".join(door.scopes or ()), lender_id=things.bank.id)
    found = []
    for who in (owner, agent, trainer, lender):
        async with town.client(door.service, who) as client:
            answer = await knock(door, client, things.address(door.path))
            found.append(answer.status_code)
    assert set(found) - {404, 403}, found
    assert max(found) < 500


@pytest.mark.parametrize("door", LISTS, ids=str)
async def test_lists_show_nothing_of_another_territory_whatever_they_are_asked(
    town: Town, things: Things, door: Case
) -> None:
    foreign = set(things.ids.values()) | set(things.subjects.values())
    filters = {"training_session_id", "delegation_id", "application_id"}
    async with town.client(door.service, a_stranger()) as client:
        seen = await walk(client, door.path) if door.path != "/v1/assessments" else ""
        for word in filters:
            for id in sorted(foreign):
                answer = await client.get(f"{door.path}?{word}={id}")
                seen += answer.text if answer.status_code == 200 else ""
    assert not {id for id in foreign if id in seen}


async def test_a_cursor_of_another_caller_opens_only_what_is_ones_own(town: Town) -> None:
    filings = {(await submitted(town, a_filer()))["id"] for _ in range(3)}
    officer = Identity(scope="filings:review", territory=[REGION])
    async with town.client("registry", officer) as client:
        page = (await client.get("/v1/filings?limit=1")).json()
        rest = (await client.get(f"/v1/filings?limit=1&cursor={page['next_cursor']}")).json()
    assert rest["items"]
    async with town.client("registry", a_stranger()) as client:
        seen = await client.get(f"/v1/filings?limit=200&cursor={page['next_cursor']}")
    assert seen.status_code == 200
    assert not filings & {row["id"] for row in seen.json()["items"]}

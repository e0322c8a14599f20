"""What became of a file is told to its organisation, in order, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis import clock
from gateway.feed.hearing import forget_old
from gateway.feed.repository import OrganisationEvents
from tests.gateway.bureau import Bureau, Who, code_of
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    expect,
    registered,
    reviewed,
    submitted,
)
from tests.town import Identity, Town, codes

BACK = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "Awa Ndiaye manque"}]}
NO = {"outcome": "REJECTED", "reason": "Awa Ndiaye n'existe pas", "reason_code": "DOUBLE"}
RETURNED = "sn.mboolo.registry.filing.returned.v1"
REJECTED = "sn.mboolo.registry.filing.rejected.v1"


@pytest.fixture
async def heard(town: Town, bureau: Bureau) -> AsyncIterator[Bureau]:
    """A gateway that the registry reaches."""
    town.apps["gateway"] = bureau.app
    yield bureau
    del town.apps["gateway"]


def of(filer: Identity) -> Who:
    return Who(scope="events:read", org=filer.org, roles=["cooperative"], territory=[])


async def back(town: Town, filing: dict[str, Any]) -> None:
    async with town.client("registry", an_instructor()) as client:
        expect(await act(client, filing, "reviews", BACK), 201)


async def refuse(town: Town, filing: dict[str, Any]) -> None:
    async with town.client("registry", a_validator()) as client:
        expect(await decide(client, filing, NO), 201)


async def put(bureau: Bureau, org: str, count: int) -> list[str]:
    """Events that came one after another."""
    ids = [uuid4() for _ in range(count)]
    for id in ids:
        async with bureau.app.state.database.transaction() as session:
            await OrganisationEvents(session).keep(a_row(org, id), clock.now())
    return [str(id) for id in ids]


def a_row(org: str, id: Any) -> dict[str, Any]:
    said = {"type": RETURNED, "subject": f"filing/{uuid4()}", "time": clock.now()}
    return {"id": id, "organisation_id": org, "source": "/registry", "data": {}, **said}


async def shown(bureau: Bureau, who: Who, count: int, path: str = "/me/events") -> dict[str, Any]:
    """A page, once it has so many events: none is shown while any transaction of the server that
    began before it is still running."""
    for _ in range(1_200):
        page = await bureau.got(path, who=who)
        if len(page["items"]) >= count:
            return page
        await asyncio.sleep(0.05)
    raise AssertionError(page)


async def seen(bureau: Bureau, who: Who, query: str = "") -> list[str]:
    return [one["id"] for one in (await bureau.got(f"/me/events{query}", who=who))["items"]]


async def test_a_filer_hears_that_a_file_came_back_or_was_rejected(
    town: Town, heard: Bureau
) -> None:
    filer, other = a_filer(), a_filer()
    first, second = await submitted(town, filer), await reviewed(town, filer)
    await registered(town, filer)  # an approval is in the public stream
    await submitted(town, other)
    await back(town, first)
    await refuse(town, second)
    await town.deliver()
    answer = await shown(heard, of(filer), 2)
    told = {one["subject"]: (one["type"], one["data"]) for one in answer["items"]}
    assert told.keys() == {f"filing/{first['id']}", f"filing/{second['id']}"}
    kind, said = told[f"filing/{first['id']}"]
    assert (kind, said["remarks_count"], said["arrival_number"]) == (
        RETURNED, 1, first["arrival_number"],
    )  # fmt: skip
    kind, said = told[f"filing/{second['id']}"]
    assert (kind, said["reason_code"], said["formality"]) == (REJECTED, "DOUBLE", "REGISTRATION")
    # ids and codes: what somebody wrote is read where it stands
    assert "Awa" not in str(answer)
    assert await seen(heard, of(other)) == []


async def test_the_public_stream_tells_nothing_of_it(town: Town, heard: Bureau) -> None:
    filer = a_filer()
    await back(town, await submitted(town, filer))
    await refuse(town, await reviewed(town, filer))
    rows = await town.apps["registry"].state.reads.fetch(
        "select type, is_public from event_log where data ->> 'organisation_id' = $1", filer.org
    )
    assert {(row["type"], row["is_public"]) for row in rows} == {
        (RETURNED, False), (REJECTED, False),
    }  # fmt: skip
    async with town.client("registry") as anyone:
        stream = expect(await anyone.get("/v1/events?limit=200"), 200)
    assert not [one for one in stream["items"] if ".filing." in one["type"]]


async def test_a_follower_goes_on_after_the_last_event(heard: Bureau) -> None:
    filer = a_filer()
    ids, who = await put(heard, filer.org, 5), of(filer)
    await shown(heard, who, 5)
    found, path = [], "/me/events?limit=2"
    while path:
        page = await heard.got(path, who=who)
        found += [one["id"] for one in page["items"]]
        path = page["next"] and page["next"].partition("/v1")[2]
    assert found == ids
    assert await seen(heard, who, f"?after={ids[3]}") == ids[4:]
    assert await seen(heard, who, f"?after={ids[4]}") == []
    more = await put(heard, filer.org, 1)
    await shown(heard, who, 6)
    assert await seen(heard, who, f"?after={ids[4]}") == more


async def test_nothing_slips_in_before_what_was_shown(heard: Bureau) -> None:
    filer = a_filer()
    who, slow = of(filer), uuid4()
    async with heard.app.state.database.transaction() as session:
        await OrganisationEvents(session).keep(a_row(filer.org, slow), clock.now())
        quick = await put(heard, filer.org, 1)
        assert await seen(heard, who) == []  # a cursor after it would pass the slow one by
    items = (await shown(heard, who, 2))["items"]
    assert [one["id"] for one in items] == [str(slow), *quick]


async def test_an_event_of_another_is_no_place_to_go_on_from(heard: Bureau) -> None:
    [foreign] = await put(heard, a_filer().org, 1)
    for id in (foreign, str(uuid4())):
        answer = await heard.ask("GET", f"/me/events?after={id}", who=of(a_filer()))
        assert (code_of(answer), codes(answer)) == ((400, "MALFORMED_REQUEST"), {"CURSOR_INVALID"})
    answer = await heard.ask("GET", "/me/events", who=Who(scope="filings:write"))
    assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")


async def test_what_is_heard_twice_is_kept_once_and_goes_after_a_year(heard: Bureau) -> None:
    filer = a_filer()
    row = a_row(filer.org, uuid4())
    for _ in range(2):
        async with heard.app.state.database.transaction() as session:
            await OrganisationEvents(session).keep(row, clock.now())
    await shown(heard, of(filer), 1)
    assert await seen(heard, of(filer)) == [str(row["id"])]
    await forget_old(heard.app)
    assert len(await seen(heard, of(filer))) == 1
    with clock.shifted(timedelta(days=401)):
        await forget_old(heard.app)
    assert await seen(heard, of(filer)) == []

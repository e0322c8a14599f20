"""One view of a cooperative over the real services: to each caller what is theirs, no more."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from gateway.roles import ROLES
from tests.financing import acts
from tests.house.house import House
from tests.registry import people
from tests.town import Identity, problem
from tests.training.stage import Stage

PLACE = ["SN-SE"]


@dataclass
class Seen:
    """A cooperative that lives in all three services, and its owner."""

    owner: Identity
    id: str
    delegation: dict[str, Any]
    application: dict[str, Any]


@pytest.fixture(scope="module")
async def seen(house: House) -> AsyncIterator[Seen]:
    owner = Identity(scope=" ".join(ROLES["cooperative"]), roles=["cooperative"])
    made = await people.registered(house.town, owner)
    await house.town.deliver()
    async with AsyncExitStack() as stack:
        stage = Stage(house.town, stack)
        stage.cast.cooperative = owner
        wish = {"initiative_id": None, "cooperative_id": made["cooperative_id"]}
        delegation = await stage.enrolled(await stage.opened(), **wish)
        wished = acts.a_wish(made)
        answer = await acts.post(house.town, owner, "/v1/financing-applications", wished)
        application = people.expect(answer, 201)
        yield Seen(owner, made["cooperative_id"], delegation, application)


async def look(house: House, who: Identity, id: str) -> dict[str, Any]:
    async with house.client("gateway", who) as client:
        return people.expect(await client.get(f"/v1/cooperatives/{id}/overview"), 200)


def statuses(found: dict[str, Any]) -> list[str]:
    return [found[name]["status"] for name in ("registry", "training", "financing")]


async def test_the_owner_sees_all_three_services(house: House, seen: Seen) -> None:
    found = await look(house, seen.owner, seen.id)
    assert (statuses(found), found["is_partial"]) == (["OK"] * 3, False)
    async with house.town.client("registry") as client:
        record = (await client.get(f"/v1/cooperatives/{seen.id}")).json()
    assert found["registry"]["data"].items() <= record.items()
    training, financing = found["training"]["data"], found["financing"]["data"]
    [delegation] = training["delegations"]["items"]
    assert delegation.items() <= seen.delegation.items()
    [session] = training["sessions"]["items"]
    assert session["id"] == seen.delegation["training_session_id"]
    assert training["certificates"]["items"] == []
    [application] = financing["applications"]["items"]
    assert application.items() <= seen.application.items()
    assert financing["financings"] == {"items": [], "next_cursor": None, "next": None}


async def test_nobody_is_named_there(house: House, seen: Seen) -> None:
    async with house.client("gateway", seen.owner) as client:
        answer = await client.get(f"/v1/cooperatives/{seen.id}/overview")
    # what the very same caller is shown elsewhere: else this test could not fail
    async with house.town.client("training", seen.owner) as client:
        learners = (await client.get(f"/v1/enrolments?delegation_id={seen.delegation['id']}")).text
    async with house.town.client("registry", seen.owner) as client:
        officers = (await client.get(f"/v1/cooperatives/{seen.id}")).json()["officers"]
    assert "Diatta" in learners
    names = {officer["family_name"] for officer in officers} | {"Diatta", "Aïssatou"}
    assert len(names) > 2
    assert [name for name in names if f'"{name}' in answer.text] == []
    assert answer.headers["cache-control"] == "no-store"


async def test_a_stranger_of_the_same_role_sees_the_record_alone(house: House, seen: Seen) -> None:
    found = await look(house, Identity(scope=seen.owner.scope), seen.id)
    assert statuses(found) == ["OK"] * 3
    lists = [*found["training"]["data"].values(), *found["financing"]["data"].values()]
    assert [part["items"] for part in lists] == [[]] * 5


@pytest.mark.parametrize(
    ("role", "territory", "expected"),
    [
        ("financing_officer", PLACE, [1, 1, 0, 0, 0]),
        ("training_manager", PLACE, [1, 1, 0, None, None]),
        ("training_manager", ["SN-DK"], [0, 0, 0, None, None]),
        ("bank_a", [], [None, None, None, None, 0]),
        ("third_party", [], [None] * 5),
        ("data_protection", PLACE, [None] * 5),
    ],
)
async def test_each_role_sees_what_its_scopes_open(
    house: House, seen: Seen, role: str, territory: list[str], expected: list[int | None]
) -> None:
    lender = str(uuid4()) if role == "bank_a" else None
    scope = " ".join(ROLES[role])
    who = Identity(scope=scope, roles=[role], territory=territory, lender_id=lender)
    found = await look(house, who, seen.id)
    training = found["training"]["data"] or dict.fromkeys(
        ("delegations", "sessions", "certificates")
    )
    financing = found["financing"]["data"] or dict.fromkeys(("applications", "financings"))
    lists = [*training.values(), *financing.values()]
    counted = [None if part is None else len(part["items"]) for part in lists]
    # which officer sees which group is training's own rule: here only that nothing is added to it
    assert counted[3:] == expected[3:]
    if role != "financing_officer":
        assert counted[:3] == expected[:3]
    for name, these in (("training", counted[:3]), ("financing", counted[3:])):
        is_shut = all(count is None for count in these)
        assert found[name]["status"] == ("FORBIDDEN" if is_shut else "OK")
    assert not found["is_partial"]


async def test_what_each_list_shows_is_what_its_own_address_shows(house: House, seen: Seen) -> None:
    for role in ("cooperative", "training_manager", "financing_officer", "dual_agent"):
        who = Identity(scope=" ".join(ROLES[role]), territory=PLACE, org=seen.owner.org)
        found = await look(house, who, seen.id)
        async with house.town.client("training", who) as client:
            own = (await client.get(f"/v1/delegations?cooperative_id={seen.id}")).json()
        shown = found["training"]["data"]["delegations"]["items"]
        assert [it["id"] for it in shown] == [it["id"] for it in own["items"]]


async def test_a_service_that_is_away_is_left_out(house: House, seen: Seen) -> None:
    for name in ("training", "financing", "registry"):
        app = house.town.apps.pop(name)
        try:
            found = await look(house, seen.owner, seen.id)
        finally:
            house.town.apps[name] = app
        assert found["is_partial"]
        assert found[name] == {"status": "UNAVAILABLE", "data": None}
        assert statuses(found).count("OK") == 2


async def test_what_the_register_does_not_know_is_absent(house: House, seen: Seen) -> None:
    async with house.client("gateway", seen.owner) as client:
        for id in (str(uuid4()), "7"):
            answer = await client.get(f"/v1/cooperatives/{id}/overview")
            assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")


async def test_which_sessions_a_cooperative_attends_is_not_for_everybody(
    house: House, seen: Seen
) -> None:
    address = f"/v1/training-sessions?cooperative_id={seen.id}"
    session = f"/v1/training-sessions/{seen.delegation['training_session_id']}"
    for who, count in ((seen.owner, 1), (Identity(scope="training:read"), 0)):
        async with house.town.client("training", who) as client:
            assert (await client.get(session)).status_code == 200
            assert len((await client.get(address)).json()["items"]) == count


async def test_lists_of_one_cooperative_leave_out_the_others(house: House, seen: Seen) -> None:
    other = await people.registered(house.town, seen.owner)
    await house.town.deliver()
    wished = acts.a_wish(other)
    people.expect(
        await acts.post(house.town, seen.owner, "/v1/financing-applications", wished), 201
    )
    for id in (seen.id, other["cooperative_id"]):
        listed = await acts.get(
            house.town, seen.owner, f"/v1/financing-applications?cooperative_id={id}"
        )
        assert {item["cooperative_id"] for item in listed["items"]} == {id}
    everything = await acts.get(house.town, seen.owner, "/v1/financing-applications")
    assert len(everything["items"]) >= 2

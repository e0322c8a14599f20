"""A rejected filing and the new one that takes it up again know each other."""

from typing import Any

import httpx

from tests.makers import a_filing
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    drafted,
    expect,
    registered,
    reviewed,
)
from tests.registry.test_desk import get
from tests.registry.test_moving_seats import complete, draft, filed, of_object
from tests.town import Identity, Town, codes, problem

NO = {"outcome": "REJECTED", "reason": "Moins de cinq membres", "reason_code": "DOUBLE"}


async def rejected(town: Town, filer: Identity, **changes: Any) -> dict[str, Any]:
    return await refuse(town, await reviewed(town, filer, **changes))


async def refuse(town: Town, filing: dict[str, Any]) -> dict[str, Any]:
    async with town.client("registry", a_validator()) as client:
        expect(await decide(client, filing, NO), 201)
    return filing


def again(former: dict[str, Any], **body: Any) -> dict[str, Any]:
    return a_filing() | {"former_filing_id": former["id"]} | body


async def wish(town: Town, filer: Identity, body: dict[str, Any], dry: str = "") -> httpx.Response:
    async with town.client("registry", filer) as client:
        return await client.post(f"/v1/filings{dry}", json=body)


async def read(town: Town, who: Identity, filing: dict[str, Any]) -> tuple[Any, Any]:
    found = await get(town, who, f"/v1/filings/{filing['id']}")
    return found["former_filing_id"], found["taken_up_by"]


async def test_both_show_each_other(town: Town) -> None:
    filer, agent = a_filer(), an_instructor()
    former = await rejected(town, filer)
    assert await read(town, filer, former) == (None, [])
    new = expect(await wish(town, filer, again(former)), 201)
    assert (new["former_filing_id"], new["taken_up_by"]) == (former["id"], [])
    assert await read(town, filer, new) == (former["id"], [])
    assert await read(town, filer, former) == (None, [new["id"]])
    # a draft is its filers' alone; what was submitted is seen by agents, and kept in the answer
    assert await read(town, agent, former) == (None, [])
    async with town.client("registry", filer) as client:
        sent = expect(await act(client, new, "submissions", {}), 201)
    assert sent["former_filing_id"] == former["id"]
    assert await read(town, agent, former) == (None, [new["id"]])
    assert await read(town, agent, new) == (former["id"], [])


async def test_it_may_be_rejected_again_and_taken_up_again(town: Town) -> None:
    filer = a_filer()
    first = await rejected(town, filer)
    second = expect(await wish(town, filer, again(first)), 201)
    async with town.client("registry", filer) as client:
        second = expect(await act(client, second, "submissions", {}), 201)
    await refuse(town, await complete(town, second))
    third = expect(await wish(town, filer, again(second)), 201)
    assert await read(town, filer, second) == (first["id"], [third["id"]])


async def test_only_a_rejected_filing_is_taken_up(town: Town) -> None:
    filer = a_filer()
    for other in (await drafted(town, filer), await reviewed(town, filer)):
        answer = await wish(town, filer, again(other))
        dry = await wish(town, filer, again(other), "?validate_only=true")
        assert codes(answer) == codes(dry) == {"FORMER_FILING_NOT_REJECTED"}
    [found] = problem(answer)["errors"]
    assert found["pointer"] == "/former_filing_id"


async def test_it_is_of_the_same_type_and_about_the_same_cooperative(town: Town) -> None:
    filer = a_filer()
    of_group = await rejected(town, filer)
    ids = [(await registered(town, filer))["cooperative_id"] for _ in range(2)]
    of_one = await refuse(town, await complete(town, await filed(town, filer, of_object(ids[0]))))
    wrong = [
        again(of_one),
        {**of_object(ids[0]), "former_filing_id": of_group["id"]},
        {**of_object(ids[1]), "former_filing_id": of_one["id"]},
    ]
    for body in wrong:
        assert codes(await wish(town, filer, body)) == {"FORMER_FILING_DIFFERS"}
    right = await draft(town, filer, {**of_object(ids[0]), "former_filing_id": of_one["id"]})
    assert right["former_filing_id"] == of_one["id"]


async def test_a_foreign_filing_and_none_are_one_answer(town: Town) -> None:
    former, stranger = await rejected(town, a_filer()), a_filer()
    agent = a_filer(territory=["SN-SE"])  # who sees it as little, though they file in its territory
    absent = {"id": "01890000-0000-7000-8000-000000000000"}
    for who in (stranger, agent):
        for one in (former, absent):
            assert codes(await wish(town, who, again(one))) == {"FORMER_FILING_UNKNOWN"}


async def test_it_is_of_the_organisation_that_the_new_one_is_for(town: Town) -> None:
    volunteer = a_filer(territory=["SN-SE"])
    former = await rejected(town, volunteer)
    answer = await wish(town, volunteer, again(former, organisation_id="org-of-a-group"))
    assert codes(answer) == {"FORMER_FILING_UNKNOWN"}


async def test_what_is_taken_up_is_said_once(town: Town) -> None:
    filer = a_filer()
    former = await rejected(town, filer)
    new = expect(await wish(town, filer, again(former)), 201)
    async with town.client("registry", filer) as client:
        answer = await client.patch(
            f"/v1/filings/{new['id']}",
            json={"former_filing_id": None},
            headers={"If-Match": '"1"'},
        )
    assert codes(answer) == {"FIELD_UNKNOWN"}

"""The platform never loses its last administrator; races over names and addresses."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.gateway.bureau import Bureau, Who, an_invitation, bureau_at, code_of
from tests.town import Town, problem


@pytest.fixture
async def alone(town: Town, worker: str) -> AsyncIterator[Bureau]:
    """A gateway whose administrators are the test's own."""
    async with bureau_at(town, f"t_{worker}_administrators") as found:
        yield found


async def administrators(bureau: Bureau, count: int) -> tuple[dict[str, Any], list[Any]]:
    unit = await bureau.organisation("MINISTRY_UNIT")
    return unit, [await bureau.active(unit, "admin") for _ in range(count)]


@pytest.mark.parametrize("act", ["suspensions", "departures", "demotion", "closures", "shut out"])
async def test_the_last_one_stays(alone: Bureau, act: str) -> None:
    unit, [one] = await administrators(alone, 1)
    answer = await take_away(alone, act, unit, one)
    assert code_of(answer) == (409, "LAST_ADMINISTRATOR")
    assert (await alone.got(f"/users/{one['id']}")) == one
    another = await alone.active(await alone.organisation("MINISTRY_UNIT"), "admin")
    assert another["status"] == "ACTIVE"
    assert (await take_away(alone, act, unit, one)).status_code in (200, 201)


async def take_away(bureau: Bureau, act: str, unit: dict[str, Any], one: dict[str, Any]) -> Any:
    if act == "demotion":
        change, match = {"roles": ["statistician"]}, str(one["version"])
        return await bureau.ask("PATCH", f"/users/{one['id']}", change, match=match)
    if act in ("closures", "shut out"):
        noun = "closures" if act == "closures" else "suspensions"
        return await bureau.ask("POST", f"/organisations/{unit['id']}/{noun}", {})
    return await bureau.ask("POST", f"/users/{one['id']}/{act}", {})


async def test_whoever_cannot_come_in_does_not_count(alone: Bureau) -> None:
    _, [one, two] = await administrators(alone, 2)
    await alone.done(f"/users/{two['id']}/suspensions")
    other = await alone.organisation("MINISTRY_UNIT")
    await alone.invited(other, "admin")
    answer = await alone.ask("POST", f"/users/{one['id']}/suspensions", {})
    assert code_of(answer) == (409, "LAST_ADMINISTRATOR")


async def test_two_who_suspend_each_other_at_once_do_not_both_succeed(alone: Bureau) -> None:
    for _ in range(5):
        unit, [one, two] = await administrators(alone, 2)
        first, second = await asyncio.gather(
            suspend(alone, one, by=Who(org=unit["id"], sub=two["id"])),
            suspend(alone, two, by=Who(org=unit["id"], sub=one["id"])),
        )
        assert sorted([first.status_code, second.status_code]) in ([201, 409], [201, 401])
        live = await alone.rows(
            "select id from account where status = 'ACTIVE' and 'admin' = any(roles)"
        )
        assert len(live) == 1
        await alone.write("update account set roles = '{statistician}'")


async def suspend(bureau: Bureau, user: dict[str, Any], *, by: Who) -> Any:
    return await bureau.ask("POST", f"/users/{user['id']}/suspensions", {}, who=by)


@pytest.mark.parametrize(
    ("same", "code"), [("username", "USERNAME_TAKEN"), ("email", "ADDRESS_TAKEN")]
)
async def test_one_name_and_one_address_are_one_person_whoever_asks_at_once(
    bureau: Bureau, same: str, code: str
) -> None:
    shared = an_invitation()[same]
    organisations = [await bureau.organisation() for _ in range(4)]
    wishes = [
        an_invitation(organisation_id=own["id"], roles=["cooperative"]) | {same: shared}
        for own in organisations
    ]
    answers = await asyncio.gather(*(bureau.ask("POST", "/users", wish) for wish in wishes))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {problem(answer)["code"] for answer in refused} == {code}
    assert all(shared not in answer.text for answer in refused)


async def test_an_address_is_the_same_however_it_is_written(bureau: Bureau) -> None:
    own = await bureau.organisation()
    wish = an_invitation(organisation_id=own["id"], roles=["cooperative"])
    await bureau.done("/users", wish)
    again = an_invitation(organisation_id=own["id"], roles=["cooperative"])
    again["email"] = wish["email"].upper()
    assert code_of(await bureau.ask("POST", "/users", again)) == (409, "ADDRESS_TAKEN")


async def test_one_person_has_one_successor_whoever_asks_at_once(bureau: Bureau) -> None:
    own = await bureau.organisation()
    gone = await bureau.active(own, "cooperative")
    await bureau.done(f"/users/{gone['id']}/departures")
    path = f"/users/{gone['id']}/replacements"
    wishes = [{"invitation": an_invitation()} for _ in range(4)]
    answers = await asyncio.gather(*(bureau.ask("POST", path, wish) for wish in wishes))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    taken = await bureau.rows("select id from account where replaces_id = $1", gone["id"])
    assert len(taken) == 1

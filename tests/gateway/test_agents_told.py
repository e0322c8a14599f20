"""The registry is told what an agent may do from now on, and of nobody else."""

from typing import Any

import pytest

from tests.gateway.bureau import Bureau, an_invitation
from tests.registry.people import a_filer, an_instructor, expect, submitted
from tests.registry.test_agents_leave import kinds
from tests.registry.test_desk import TAKE, ask, progress
from tests.town import Identity, Town, codes

_TOLD = "select data from event_log where aggregate = $1 order by seq"


async def told(bureau: Bureau, id: str) -> list[tuple[list[str], list[str]]]:
    rows = await bureau.app.state.reads.fetch(_TOLD, f"user/{id}")
    return [(row["data"]["scopes"], row["data"]["territory"]) for row in rows]


async def patch(bureau: Bureau, id: str, body: dict[str, Any]) -> None:
    version = (await bureau.got(f"/users/{id}"))["version"]
    answer = await bureau.ask("PATCH", f"/users/{id}", body, match=str(version))
    assert answer.status_code == 200, answer.text


async def test_every_change_of_what_an_agent_may_is_told(bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    user = await bureau.active(unit, "instructor", territory=["SN-SE"])
    path = f"/users/{user['id']}"
    assert await told(bureau, user["id"]) == []
    await patch(bureau, user["id"], {"territory": ["SN-DK"]})
    await patch(bureau, user["id"], {"full_name": "Awa Sané"})  # which is nobody else's business
    await patch(bureau, user["id"], {"roles": ["statistician"]})
    await patch(bureau, user["id"], {"roles": ["validator"]})
    for act in ("suspensions", "reactivations", "departures"):
        await bureau.done(f"{path}/{act}")
    assert await told(bureau, user["id"]) == [
        (["filings:review"], ["SN-DK"]),
        ([], ["SN-DK"]),
        (["filings:decide"], ["SN-DK"]),
        ([], []),
        (["filings:decide"], ["SN-DK"]),
        ([], []),
    ]


async def test_a_colleague_who_takes_over_is_told_with_what_they_got(bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    gone = await bureau.active(unit, "instructor", territory=["SN-SE"])
    colleague = await bureau.active(unit, "statistician", territory=["SN-DK"])
    await bureau.done(f"/users/{gone['id']}/departures")
    await bureau.done(f"/users/{gone['id']}/replacements", {"successor_id": colleague["id"]})
    assert await told(bureau, colleague["id"]) == [(["filings:review"], ["SN-DK", "SN-SE"])]


@pytest.mark.parametrize("role", ["cooperative", "manager"])
async def test_nobody_is_told_of_who_never_worked_on_files(bureau: Bureau, role: str) -> None:
    user = await bureau.active(await bureau.organisation(), role)
    await patch(bureau, user["id"], {"roles": ["cooperative", "manager"]})
    await bureau.done(f"/users/{user['id']}/departures")
    assert await told(bureau, user["id"]) == []


async def test_an_invitation_that_is_changed_gives_what_it_says(bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    user = await bureau.invited(unit, "instructor", territory=["SN-SE"])
    await patch(bureau, user["id"], {"territory": ["SN-DK"], "email": an_invitation()["email"]})
    assert await told(bureau, user["id"]) == [(["filings:review"], ["SN-DK"])]


async def test_the_registry_hears_it_from_the_gateway(town: Town, bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    user = await bureau.active(unit, "instructor", territory=["SN-SE"])
    gone = an_instructor()
    gone.sub, gone.org = user["id"], unit["id"]
    filer = a_filer()
    first, second = [await submitted(town, filer) for _ in range(2)]
    expect(await ask(town, gone, first, TAKE), 201)
    await bureau.done(f"/users/{user['id']}/departures")
    await bureau.deliver()
    assert (await progress(town, filer, first))["holder"] is None
    assert await kinds(town, filer, first) == ["ARRIVED", "TAKEN", "FREED"]
    chief = Identity(scope="filings:decide", roles=["validator"], territory=["SN-SE"])
    given = {"kind": "ASSIGN", "agent_id": gone.sub}
    assert codes(await ask(town, chief, second, given)) == {"AGENT_UNKNOWN"}

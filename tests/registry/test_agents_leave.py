"""Who leaves, or loses a territory, holds no file and edits no draft from then on."""

import asyncio
from datetime import timedelta
from typing import Any

from chassis import clock
from chassis.inbox import Fact
from services.registry.agents.hearing import rights_changed
from tests.registry.people import a_filer, act, an_instructor, expect, registered, submitted
from tests.registry.test_desk import TAKE, a_registrar, ask, get, progress, queue
from tests.registry.test_moving_seats import approve, complete, draft, filed, of_seat
from tests.town import Identity, Town, problem


async def tell(town: Town, who: Identity, scopes: list[str], territory: list[str]) -> None:
    data = {"user_id": who.sub, "organisation_id": who.org, "scopes": scopes}
    fact = Fact(
        id="1",
        type="sn.mboolo.gateway.agent.rights_changed.v1",
        subject=f"user/{who.sub}",
        time=clock.now(),
        resourceversion=1,
        data={**data, "territory": territory},
    )
    async with town.apps["registry"].state.database.transaction() as session:
        await rights_changed(session, fact)


async def kinds(town: Town, who: Identity, filing: dict[str, Any]) -> list[str]:
    steps = await get(town, who, f"/v1/filings/{filing['id']}/timeline")
    return [step["kind"] for step in steps["items"]]


async def test_what_somebody_held_is_free_once_they_work_elsewhere(town: Town) -> None:
    filer, gone, colleague = a_filer(), an_instructor(), an_instructor()
    filing = await submitted(town, filer)
    expect(await ask(town, gone, filing, TAKE), 201)
    assert (await progress(town, filer, filing))["holder"] is not None
    await tell(town, gone, ["filings:review"], ["SN-DK"])
    assert (await progress(town, filer, filing))["holder"] is None
    assert await kinds(town, filer, filing) == ["ARRIVED", "TAKEN", "FREED"]
    expect(await ask(town, colleague, filing, TAKE), 201)


async def test_what_they_may_still_hold_stays_theirs(town: Town) -> None:
    filer, agent = a_filer(), an_instructor("SN")
    filing = await submitted(town, filer)
    expect(await ask(town, agent, filing, TAKE), 201)
    await tell(town, agent, ["filings:review"], ["SN-SE", "SN-DK"])
    assert (await progress(town, filer, filing))["holder"] is not None
    await tell(town, agent, ["filings:decide"], ["SN-SE"])  # which is not what the file waits for
    assert await kinds(town, filer, filing) == ["ARRIVED", "TAKEN", "FREED"]


async def test_a_token_from_before_brings_nothing_back(town: Town) -> None:
    filer, gone = a_filer(), an_instructor()
    filing = await submitted(town, filer)
    await tell(town, gone, [], [])
    await ask(town, gone, filing, TAKE)  # its minute is not over yet
    assert (await progress(town, filer, filing))["holder"] is None
    assert (await queue(town, an_instructor()))[filing["id"]]["holder"] is None
    with clock.shifted(timedelta(minutes=3)):  # whatever a token says now was given later
        expect(await ask(town, gone, filing, TAKE), 201)
        assert (await progress(town, filer, filing))["holder"] is not None


async def test_taking_a_file_and_leaving_at_the_same_moment(town: Town) -> None:
    filer = a_filer()
    for turn in range(6):
        gone = an_instructor()
        known, filing = [await submitted(town, filer) for _ in range(2)]
        expect(await ask(town, gone, known, TAKE), 201)
        acts: list[Any] = [ask(town, gone, filing, TAKE), tell(town, gone, [], [])]
        await asyncio.gather(*(acts if turn % 2 else acts[::-1]))
        for one in (known, filing):
            assert (await progress(town, filer, one))["holder"] is None


def a_correction(id: str, filing_id: str) -> dict[str, Any]:
    payload = {"corrects_filing_id": filing_id, "reason": "Erreur de saisie"}
    return {"type": "CORRECTION", "cooperative_id": id, "payload": payload}


async def _all_refused(town: Town, who: Identity, filing: dict[str, Any]) -> None:
    path, match = f"/v1/filings/{filing['id']}", {"If-Match": f'"{filing["version"]}"'}
    async with town.client("registry", who) as client:
        answers = [
            await client.get(path),
            await client.patch(path, json={"payload": {"reason": "Autre"}}, headers=match),
            await act(client, filing, "submissions", {}),
            await act(client, filing, "withdrawals", {}),
        ]
        listed = expect(await client.get("/v1/filings"), 200)
    assert {answer.status_code for answer in answers} == {404}, [a.text for a in answers]
    assert {problem(answer)["code"] for answer in answers} == {"NOT_FOUND"}
    assert filing["id"] not in [item["id"] for item in listed["items"]]


async def test_a_draft_in_the_name_of_the_ministry_is_for_who_works_there(town: Town) -> None:
    made = await registered(town, a_filer())
    registrar = a_registrar("SN-SE")
    filing = await draft(town, registrar, a_correction(made["cooperative_id"], made["filing_id"]))
    far, near = a_registrar("SN-DK"), a_registrar("SN-SE")
    far.org = near.org = registrar.org
    await _all_refused(town, far, filing)
    assert (await get(town, near, f"/v1/filings/{filing['id']}"))["status"] == "DRAFT"
    for lost in (["SN-DK"], []):
        registrar.territory = lost
        await _all_refused(town, registrar, filing)


async def test_a_record_that_moved_away_takes_the_drafts_of_agents_along(town: Town) -> None:
    filer = a_filer()
    made = await registered(town, filer)
    id, registrar = made["cooperative_id"], a_registrar("SN-SE")
    filing = await draft(town, registrar, a_correction(id, made["filing_id"]))
    await approve(town, await complete(town, await filed(town, filer, of_seat(id))))
    await _all_refused(town, registrar, filing)
    registrar.territory = ["SN-KD"]
    assert (await get(town, registrar, f"/v1/filings/{filing['id']}"))["status"] == "DRAFT"


async def test_a_cooperative_reads_its_own_files_wherever_they_lie(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    colleague = a_filer()
    colleague.org = filer.org
    assert (await get(town, colleague, f"/v1/filings/{filing['id']}"))["id"] == filing["id"]

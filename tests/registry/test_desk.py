"""The agents' desk: who holds a file, until when, and who sees what of it."""

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from chassis import clock
from services.registry.working_days.rules import working_day_after
from tests.makers import DIENDE
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    drafted,
    expect,
    reviewed,
    submitted,
)
from tests.town import Identity, Town, codes, problem

TAKE, RELEASE = {"kind": "TAKE"}, {"kind": "RELEASE"}
CHANGES = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "Précisez."}]}
COMPLETE = {"outcome": "COMPLETE"}
KOLDA = "SN-KD-KD"


def a_registrar(territory: str = "SN") -> Identity:
    return Identity(scope="filings:correct", roles=["registrar"], territory=[territory])


async def ask(town: Town, who: Identity, filing: dict[str, Any], body: Any) -> httpx.Response:
    async with town.client("registry", who) as client:
        return await act(client, filing, "assignments", body)


async def get(town: Town, who: Identity, path: str) -> dict[str, Any]:
    async with town.client("registry", who) as client:
        return expect(await client.get(path), 200)


async def progress(town: Town, who: Identity, filing: dict[str, Any]) -> dict[str, Any]:
    return await get(town, who, f"/v1/filings/{filing['id']}/progress")


async def queue(town: Town, who: Identity, query: str = "") -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    after = f"/v1/work-items?limit=100{query}"
    while after:
        page = await get(town, who, after.removeprefix("http://gateway"))
        found |= {row["filing_id"]: row for row in page["items"]}
        after = page["next"]
    return found


async def holidays(town: Town) -> set[date]:
    reads = town.apps["registry"].state.reads
    return {row["on"] for row in await reads.fetch('select "on" from holiday where is_observed')}


async def due_in(town: Town, working_days: int) -> str:
    return working_day_after(clock.today(), working_days, await holidays(town)).isoformat()


async def test_a_file_arrives_with_five_working_days_and_thirty_days_in_all(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    seen = await progress(town, filer, filing)
    assert (seen["stage"], seen["clock"], seen["waiting_for"]) == (
        "COMPLETENESS", "RUNNING", "INSTRUCTOR",
    )  # fmt: skip
    assert seen["due_on"] == await due_in(town, 5)
    assert seen["total_due_on"] == (clock.today() + timedelta(days=30)).isoformat()
    assert (seen["is_overdue"], seen["targets_are_law"]) == (False, False)


async def test_a_complete_file_has_fifteen_working_days_to_be_decided(town: Town) -> None:
    filer = a_filer()
    filing = await reviewed(town, filer)
    seen = await progress(town, filer, filing)
    assert (seen["stage"], seen["waiting_for"]) == ("DECISION", "VALIDATOR")
    assert seen["due_on"] == await due_in(town, 15)


async def test_a_draft_is_nobodys_work(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    seen = await progress(town, filer, filing)
    assert (seen["clock"], seen["waiting_for"], seen["due_on"]) == ("NOT_STARTED", "FILER", None)


async def test_the_clock_stands_while_the_filer_is_asked(town: Town) -> None:
    filer, instructor = a_filer(), an_instructor()
    filing = await submitted(town, filer)
    with clock.shifted(timedelta(days=7)):
        late = await progress(town, filer, filing)
        async with town.client("registry", instructor) as client:
            expect(await act(client, filing, "reviews", CHANGES), 201)
    with clock.shifted(timedelta(days=67)):
        stopped = await progress(town, filer, filing)
        assert filing["id"] not in await queue(town, instructor, "&overdue=true")
        await answer_by_a_change(town, filer, filing)
        again = await progress(town, filer, filing)
        due = await due_in(town, 1)
    assert late["is_overdue"] is (date.fromisoformat(late["due_on"]) < today_in(7))
    assert (stopped["clock"], stopped["waiting_for"]) == ("STOPPED", "FILER")
    assert (stopped["due_on"], stopped["is_overdue"]) == (None, False)
    assert stopped["stopped_days"] == 60
    # the five days were used up before the file went back: whoever takes it has a day at least
    assert (again["clock"], again["due_on"] >= due) == ("RUNNING", True)
    whole = date.fromisoformat(filing["submitted_at"][:10]) + timedelta(days=30 + 60)
    assert again["total_due_on"] == whole.isoformat()
    assert again["returned_count"] == 1


def today_in(days: int) -> date:
    return clock.today() + timedelta(days=days)


async def answer_by_a_change(town: Town, filer: Identity, filing: dict[str, Any]) -> None:
    path = f"/v1/filings/{filing['id']}"
    async with town.client("registry", filer) as client:
        back = expect(await client.get(path), 200)
        version = {"If-Match": f'"{back["version"]}"'}
        change = {"payload": {"object": "Décorticage de noix de cajou"}}
        expect(await client.patch(path, json=change, headers=version), 200)
        expect(await act(client, filing, "submissions", {}), 201)


async def test_only_the_days_that_were_left_run_again(town: Town) -> None:
    filer, instructor = a_filer(), an_instructor()
    filing = await submitted(town, filer)
    async with town.client("registry", instructor) as client:
        expect(await act(client, filing, "reviews", CHANGES), 201)
    with clock.shifted(timedelta(days=20)):
        await answer_by_a_change(town, filer, filing)
        again = await progress(town, filer, filing)
        assert again["due_on"] == await due_in(town, 5)


async def test_a_file_that_nobody_examined_in_time_is_overdue(town: Town) -> None:
    filer, instructor = a_filer(), an_instructor()
    filing = await submitted(town, filer)
    assert filing["id"] not in await queue(town, instructor, "&overdue=true")
    with clock.shifted(timedelta(days=14)):
        late = await queue(town, instructor, "&overdue=true")
        assert late[filing["id"]]["is_overdue"]
        assert filing["id"] not in await queue(town, instructor, "&overdue=false")


async def test_one_takes_the_file_however_many_want_it_at_once(town: Town) -> None:
    filing = await submitted(town, a_filer())
    instructors = [an_instructor() for _ in range(6)]
    answers = await asyncio.gather(*(ask(town, who, filing, TAKE) for who in instructors))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert problem(lost)["code"] == "HELD_BY_ANOTHER"
    assert problem(lost)["held_until"] == await due_in(town, 5)
    [won] = [a.json()["holder_id"] for a in answers if a.status_code == 201]
    seen = await queue(town, instructors[0])
    assert seen[filing["id"]]["holder"]["agent_id"] == won


async def test_a_file_in_a_colleagues_hands_is_theirs_to_examine(town: Town) -> None:
    filing, holder = await submitted(town, a_filer()), an_instructor()
    expect(await ask(town, holder, filing, TAKE), 201)
    async with town.client("registry", an_instructor()) as other:
        refused = await act(other, filing, "reviews", COMPLETE)
    async with town.client("registry", holder) as client:
        expect(await act(client, filing, "reviews", COMPLETE), 201)
    assert (refused.status_code, problem(refused)["code"]) == (409, "HELD_BY_ANOTHER")


async def test_after_its_day_a_file_can_be_taken_over(town: Town) -> None:
    filing, slow, quick = await submitted(town, a_filer()), an_instructor(), an_instructor()
    expect(await ask(town, slow, filing, TAKE), 201)
    with clock.shifted(timedelta(days=14)):
        bare = await ask(town, quick, filing, TAKE)
        taken = await ask(town, quick, filing, {**TAKE, "reason": "Échéance passée"})
    assert codes(bare) == {"REASON_REQUIRED"}
    assert expect(taken, 201)["holder_id"] == quick.sub


async def test_whoever_lost_the_territory_holds_nothing(town: Town) -> None:
    filing, moved = await submitted(town, a_filer()), an_instructor()
    expect(await ask(town, moved, filing, TAKE), 201)
    moved.territory = ["SN-DK"]
    await queue(town, moved)  # their token now says so
    again = expect(await ask(town, an_instructor(), filing, TAKE), 201)
    assert again["holder_id"] != moved.sub
    assert (await ask(town, moved, filing, TAKE)).status_code == 404


async def test_a_file_is_given_to_a_colleague_who_was_seen_and_covers_it(town: Town) -> None:
    filing, chief = await submitted(town, a_filer()), a_validator()
    here, far, unseen = an_instructor(), an_instructor("SN-DK"), an_instructor()
    await queue(town, here), await queue(town, far)
    give = {"kind": "ASSIGN", "agent_id": here.sub}
    for absent in (far.sub, unseen.sub, chief.sub, "nobody"):
        refused = await ask(town, chief, filing, give | {"agent_id": absent})
        assert codes(refused) == {"AGENT_UNKNOWN"}
    assert expect(await ask(town, chief, filing, give), 201)["holder_id"] == here.sub
    mine = await queue(town, here, "&mine=true")
    assert mine[filing["id"]]["holder"]["is_me"] is True
    assert filing["id"] in await queue(town, chief, f"&holder={here.sub}")
    assert filing["id"] not in await queue(town, chief, "&held=false")


async def test_only_who_decides_takes_a_file_out_of_a_colleagues_hands_and_says_why(
    town: Town,
) -> None:
    filing, holder, other = await submitted(town, a_filer()), an_instructor(), an_instructor()
    expect(await ask(town, holder, filing, TAKE), 201)
    await queue(town, other)
    give = {"kind": "ASSIGN", "agent_id": other.sub}
    stolen = await ask(town, other, filing, give | {"reason": "Je suis libre"})
    bare = await ask(town, a_validator(), filing, give)
    given = await ask(town, a_validator(), filing, give | {"reason": "En congé"})
    assert problem(stolen)["code"] == "HELD_BY_ANOTHER"
    assert codes(bare) == {"REASON_REQUIRED"}
    assert expect(given, 201)["holder_id"] == other.sub


async def test_a_file_is_put_back_by_whoever_holds_it(town: Town) -> None:
    filing, holder = await submitted(town, a_filer()), an_instructor()
    early = await ask(town, holder, filing, RELEASE)
    expect(await ask(town, holder, filing, TAKE), 201)
    foreign = await ask(town, an_instructor(), filing, RELEASE)
    assert expect(await ask(town, holder, filing, RELEASE), 201)["holder_id"] is None
    assert [problem(early)["code"], problem(foreign)["code"]] == [
        "HELD_BY_NOBODY",
        "HELD_BY_ANOTHER",
    ]


async def test_nobody_takes_a_file_for_an_act_that_is_not_theirs(town: Town) -> None:
    both = Identity(scope="filings:review filings:decide filings:write", territory=["SN-SE"])
    mine = await submitted(town, both)
    own = await ask(town, both, mine, TAKE)
    filing = await submitted(town, a_filer())
    async with town.client("registry", both) as client:
        expect(await act(client, filing, "reviews", COMPLETE), 201)
    examined = await ask(town, both, filing, TAKE)
    wrong = await ask(town, an_instructor(), filing, TAKE)
    chief = a_validator()
    given = await ask(town, chief, filing, {"kind": "ASSIGN", "agent_id": both.sub})
    assert [problem(a)["code"] for a in (own, examined, wrong)] == [
        "FOUR_EYES", "FOUR_EYES", "NOT_YOUR_STAGE",
    ]  # fmt: skip
    assert codes(given) == {"AGENT_NOT_INDEPENDENT"}
    assert expect(await ask(town, chief, filing, TAKE), 201)["holder_id"] == chief.sub


async def test_a_closed_file_is_on_nobodys_desk(town: Town) -> None:
    filer, chief = a_filer(), a_validator()
    filing = await reviewed(town, filer)
    expect(await ask(town, chief, filing, TAKE), 201)
    async with town.client("registry", chief) as client:
        expect(await decide(client, filing, {"outcome": "APPROVED"}), 201)
    refused = await ask(town, a_validator(), filing, TAKE)
    seen = await progress(town, filer, filing)
    assert problem(refused)["code"] == "ILLEGAL_TRANSITION"
    assert (seen["clock"], seen["holder"], seen["due_on"]) == ("ENDED", None, None)
    assert filing["id"] not in await queue(town, chief)
    assert filing["id"] in await queue(town, chief, "&status=APPROVED")


async def test_filers_read_a_function_and_an_office_and_no_name(town: Town) -> None:
    filer, holder = a_filer(), an_instructor()
    filing = await submitted(town, filer)
    expect(await ask(town, holder, filing, TAKE), 201)
    seen = await progress(town, filer, filing)
    assert seen["holder"] | {"since": ""} == {
        "role": "INSTRUCTOR",
        "authority_code": "SN-SE-SD",
        "since": "",
        "until": seen["due_on"],
    }
    path = f"/v1/filings/{filing['id']}/timeline"
    told, known = await get(town, filer, path), await get(town, an_instructor(), path)
    assert holder.sub not in str(seen) + str(told)
    assert [step["kind"] for step in told["items"]] == ["ARRIVED", "TAKEN"]
    assert known["items"][1]["agent_id"] == holder.sub
    assert filer.sub not in str(known)


async def test_a_queue_is_sorted_by_due_date_page_by_page(town: Town) -> None:
    chief = a_validator()
    filings = [await submitted(town, a_filer()) for _ in range(3)]
    async with town.client("registry", an_instructor()) as client:
        expect(await act(client, filings[0], "reviews", CHANGES), 201)
        expect(await act(client, filings[1], "reviews", COMPLETE), 201)
    seen, after = [], "/v1/work-items?limit=1"
    while after:
        page = await get(town, chief, after.removeprefix("http://gateway"))
        seen += [(row["due_on"] or "9999", row["filing_id"]) for row in page["items"]]
        after = page["next"]
    assert seen == sorted(seen)
    assert {filing["id"] for filing in filings} <= {id for _, id in seen}
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("query", ["stage=DECISION", "status=UNDER_REVIEW", f"place={DIENDE}"])
async def test_a_queue_shows_what_was_asked_for_and_only_the_territory(
    town: Town, query: str
) -> None:
    filing = await reviewed(town, a_filer())
    other = await submitted(town, a_filer(), seat={"commune_code": "SN-DK-DD1-1"})
    found = await queue(town, a_validator("SN"), f"&{query}")
    assert filing["id"] in found
    assert other["id"] not in found
    assert filing["id"] not in await queue(town, a_validator("SN-DK"))


async def transfer(
    town: Town, who: Identity, filing: dict[str, Any], authority: str = KOLDA
) -> httpx.Response:
    body = {"authority_code": authority, "reason": "Le siège relève de Kolda"}
    async with town.client("registry", who) as client:
        return await act(client, filing, "territory-transfers", body)


async def test_a_file_moves_to_another_authority_with_its_number_and_both_registers_say_so(
    town: Town,
) -> None:
    filer, holder = a_filer(), an_instructor()
    filing = await submitted(town, filer)
    expect(await ask(town, holder, filing, TAKE), 201)
    moved = expect(await transfer(town, a_registrar(), filing), 201)
    assert (moved["authority_code"], moved["holder_id"]) == (KOLDA, None)
    assert filing["id"] not in await queue(town, holder)
    assert filing["id"] in await queue(town, an_instructor("SN-KD"))
    assert (await ask(town, holder, filing, TAKE)).status_code == 404
    async with town.client("registry", filer) as client:
        read = expect(await client.get(f"/v1/filings/{filing['id']}"), 200)
    assert (read["arrival_number"], read["authority_code"]) == (filing["arrival_number"], KOLDA)
    steps = (await get(town, filer, f"/v1/filings/{filing['id']}/timeline"))["items"]
    assert (steps[-1]["kind"], steps[-1]["reason"]) == ("TRANSFERRED", "Le siège relève de Kolda")
    for place, kind in (("SN-SE", "TRANSFER_OUT"), ("SN-KD", "TRANSFER_IN")):
        lines = await walk_ledger(town, an_instructor(place), filing["id"])
        assert lines[-1]["kind"] == kind
        assert lines[-1]["arrival_number"] == filing["arrival_number"]


async def walk_ledger(town: Town, who: Identity, id: str) -> list[dict[str, Any]]:
    found, after = [], "/v1/ledger?limit=200"
    while after:
        page = await get(town, who, after.removeprefix("http://gateway"))
        found += [line for line in page["items"] if line["filing_id"] == id]
        after = page["next"]
    return found


async def test_a_file_moves_only_to_an_authority_that_the_registrar_answers_for(
    town: Town,
) -> None:
    filing = await submitted(town, a_filer())
    regional = a_registrar("SN-SE")
    for nowhere in (KOLDA, "SN-KD", DIENDE, "nowhere"):
        assert codes(await transfer(town, regional, filing, nowhere)) == {"AUTHORITY_UNKNOWN"}
    assert codes(await transfer(town, regional, filing, "SN-SE-SD")) == {"TRANSFER_TO_ITSELF"}
    instructor = await transfer(town, an_instructor("SN"), filing)
    assert (instructor.status_code, problem(instructor)["code"]) == (403, "INSUFFICIENT_SCOPE")


async def test_a_transfer_and_a_review_at_once_follow_each_other(town: Town) -> None:
    filings = [await submitted(town, a_filer()) for _ in range(4)]

    async def both(filing: dict[str, Any]) -> tuple[int, int]:
        async with town.client("registry", an_instructor()) as client:
            answers = await asyncio.gather(
                transfer(town, a_registrar(), filing), act(client, filing, "reviews", COMPLETE)
            )
        return answers[0].status_code, answers[1].status_code

    outcomes = set(await asyncio.gather(*(both(filing) for filing in filings)))
    assert outcomes <= {(201, 201), (201, 404)}


async def test_four_eyes_hold_through_resubmission_and_transfer(town: Town) -> None:
    filer = a_filer()
    agent = Identity(scope="filings:review filings:decide", territory=["SN"])
    filing = await submitted(town, filer)
    async with town.client("registry", agent) as client:
        expect(await act(client, filing, "reviews", CHANGES), 201)
    await answer_by_a_change(town, filer, filing)
    expect(await transfer(town, a_registrar(), filing), 201)
    async with town.client("registry", an_instructor("SN-KD")) as client:
        seen = expect(await act(client, filing, "reviews", COMPLETE), 201)
    async with town.client("registry", agent) as client:
        refused = await decide(client, seen | {"id": filing["id"]}, {"outcome": "APPROVED"})
    assert problem(refused)["code"] == "FOUR_EYES"


async def test_due_dates_follow_a_holiday_that_is_announced_later(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    before = (await progress(town, filer, filing))["due_on"]
    body = {"name": {"fr": "Férié", "en": "Day off"}, "source": "décret", "on": before}
    async with town.client("registry", a_registrar()) as client:
        expect(await client.post("/v1/holidays", json=body), 201)
        moved = (await progress(town, filer, filing))["due_on"]
        expect(await client.post("/v1/holidays", json=body | {"is_observed": False}), 201)
    assert moved > before
    assert (await progress(town, filer, filing))["due_on"] == before

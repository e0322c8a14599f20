"""Filings about one cooperative, decided at the same time: each is entered, none is lost."""

import asyncio
from typing import Any

from services.registry.present import departures
from tests.makers import a_member
from tests.registry.people import a_filer, a_validator, act, an_instructor, decide, expect
from tests.registry.test_changes import (
    a_registrar,
    changed,
    cooperative,
    days_ago,
    filed,
    members,
    read,
)
from tests.town import Identity, Town, codes


async def _ready(
    town: Town, filer: Identity, type: str, id: str, payload: dict[str, Any]
) -> dict[str, Any]:
    made, answer = await filed(town, filer, type, id, payload)
    expect(answer, 201)
    async with town.client("registry", an_instructor()) as client:
        expect(await act(client, made, "reviews", {"outcome": "COMPLETE"}), 201)
    async with town.client("registry", filer) as client:
        return expect(await client.get(f"/v1/filings/{made['id']}"), 200)


async def _approve_all(town: Town, filings: list[dict[str, Any]]) -> list[Any]:
    async def approve(filing: dict[str, Any]) -> Any:
        async with town.client("registry", a_validator("SN")) as client:
            answer = await decide(client, filing, {"outcome": "APPROVED"})
            if answer.status_code != 412:
                return answer
            # a record that moved first took the file along, which has another version now
            moved = expect(await client.get(f"/v1/filings/{filing['id']}"), 200)
            return await decide(client, moved, {"outcome": "APPROVED"})

    return await asyncio.gather(*map(approve, filings))


async def _agrees(town: Town, id: str) -> None:
    async with town.owner("registry") as connection, connection.transaction():
        found = [one async for one in departures(connection) if id in one]
    assert found == []


async def test_everything_that_is_approved_at_once_is_entered(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("CHANGE_OF_OBJECT", {"object": "Élevage"}),
        ("CHANGE_OF_BYLAWS", {"common_bond": "Femmes du quartier"}),
        ("CHANGE_OF_BYLAWS", {"mandate_years": 3}),
        ("CHANGE_OF_SEAT", {"seat": {"commune_code": "SN-MT-KA1-1"}}),
        ("CHANGE_OF_BYLAWS", {"duration_years": 50}),
    ]
    filings = [
        await _ready(town, filer, type, id, said | {"decided_on": days_ago(n)})
        for n, (type, said) in enumerate(wishes, start=1)
    ]
    answers = await _approve_all(town, filings)
    assert [one.status_code for one in answers] == [201] * 5, [one.text for one in answers]
    now = await read(town, id)
    assert now["bylaws"] == {"mandate_years": 3, "duration_years": 50}
    revisions = (await read(town, id, "/revisions"))["items"]
    assert [one["revision"] for one in revisions] == [1, 2, 3, 4, 5, 6]
    assert now["region_code"] == "SN-MT"
    await _agrees(town, id)


async def test_an_exit_and_a_mandate_of_one_person_at_once_do_not_both_hold(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    people = await members(town, filer, id)
    free = next(one for one in people if one["birth_year"] == 1991)
    seat = {"organ": "SUPERVISORY", "function": "MEMBER", "from_on": days_ago(1)}
    gone = {"member_id": free["id"], "reason": "WITHDRAWAL"}
    filings = [
        await _ready(town, filer, "CHANGE_OF_OFFICERS", id,
                     {"decided_on": days_ago(1), "mandates": [seat | {"member_id": free["id"]}]}),
        await _ready(town, filer, "CHANGE_OF_MEMBERSHIP", id,
                     {"decided_on": days_ago(1), "exits": [gone], "capital_xof": 150_000}),
    ]  # fmt: skip
    answers = await _approve_all(town, filings)
    assert sorted(one.status_code for one in answers) == [201, 422]
    await _agrees(town, id)


async def test_two_corrections_of_one_filing_both_stand_the_later_last(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    wish = {"decided_on": days_ago(3), "admissions": [
        a_member(8, requested_on=days_ago(5))], "capital_xof": 200_000}  # fmt: skip
    await changed(town, filer, "CHANGE_OF_MEMBERSHIP", id, wish)
    second = (await read(town, id, "/revisions"))["items"][1]
    new = next(one for one in await members(town, filer, id) if one["birth_year"] == 1993)
    filings = []
    for shares in (6, 7):
        said = {
            "corrects_filing_id": second["filing_id"],
            "reason": "x",
            "fields": {"capital_xof": (35 + shares) * 5000},
            "holdings": [{"member_id": new["id"], "shares": shares}],
        }
        filings.append(await _ready(town, registrar, "CORRECTION", id, said))
    answers = await _approve_all(town, filings)
    assert [one.status_code for one in answers] == [201, 201], [one.text for one in answers]
    now = await read(town, id)
    [held] = [one for one in await members(town, filer, id) if one["id"] == new["id"]]
    assert now["capital_xof"] == (35 + held["shares"]) * 5000
    flagged = (await read(town, id, "/revisions"))["items"][1]
    assert len(flagged["corrected_by"]) == 2
    await _agrees(town, id)


async def test_a_correction_of_the_first_filing_holds_with_what_was_changed_since(
    town: Town,
) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    [first] = (await read(town, id, "/revisions"))["items"]
    people = await members(town, filer, id)
    more = {"decided_on": days_ago(2), "capital_xof": 36 * 5000,
            "holdings": [{"member_id": people[0]["id"], "shares": 6}]}  # fmt: skip
    await changed(town, filer, "CHANGE_OF_CAPITAL", id, more)
    right = {
        "corrects_filing_id": first["filing_id"],
        "reason": "x",
        "fields": {"capital_xof": 36 * 5000},
        "holdings": [{"member_id": people[1]["id"], "shares": 6}],
    }
    # after the change of capital, the shares would be 37: a correction must not break what follows
    _, answer = await filed(town, registrar, "CORRECTION", id, right)
    assert "SHARES_TOTAL_MISMATCH" in codes(answer)
    officers = (await read(town, id, "/officers"))["items"]
    term = {"mandate_id": officers[0]["mandate_id"], "from_on": days_ago(9), "to_on": days_ago(1)}
    said = {"corrects_filing_id": first["filing_id"], "reason": "x", "mandates": [term]}
    await changed(town, registrar, "CORRECTION", id, said)
    shown = {one["mandate_id"]: one for one in (await read(town, id, "/officers"))["items"]}
    assert shown[term["mandate_id"]]["to_on"] == days_ago(1)
    await _agrees(town, id)


async def test_an_article_declared_late_takes_nothing_from_those_declared_before(
    town: Town,
) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, share_cap_percent=50)
    later = {"decided_on": days_ago(2), "duration_years": 50}
    await changed(town, filer, "CHANGE_OF_BYLAWS", id, later)
    early = {"decided_on": days_ago(5), "mandate_years": 3}
    await changed(town, filer, "CHANGE_OF_BYLAWS", id, early)
    first = {"share_cap_percent": 50}
    now, then = await read(town, id), await read(town, id, as_of=days_ago(4))
    assert now["bylaws"] == first | {"mandate_years": 3, "duration_years": 50}
    assert then["bylaws"] == first | {"mandate_years": 3}
    told = (await read(town, id, "/changes"))["items"]
    assert [(one["field"], one["since"], one["new"]) for one in told if one["revision"] > 1] == [
        ("bylaws", days_ago(2), first | {"duration_years": 50}),
        ("bylaws", days_ago(5), then["bylaws"]),
        ("bylaws", days_ago(2), now["bylaws"]),
    ]
    await _agrees(town, id)

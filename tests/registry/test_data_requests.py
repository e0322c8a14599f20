"""What persons ask about their data, and what becomes of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from asyncpg import PostgresError

from chassis import clock
from tests.makers import a_member
from tests.registry.people import a_filer, expect, registered
from tests.registry.privacy import LEFT, a_member_of, a_protector, asked, linked, members_of
from tests.registry.test_changes import changed, cooperative, days_ago
from tests.town import Identity, Town, codes, problem

WHY = {"Purpose-Of-Use": "SUBJECT_REQUEST"}


class Case:
    """A member with an account of their own, and their cooperative."""

    def __init__(self, town: Town, owner: Identity, person: Identity, made: dict[str, Any]) -> None:
        self.town, self.owner, self.person = town, owner, person
        self.cooperative, self.filing = made["cooperative_id"], made["filing_id"]
        self.member = ""

    async def leave(self) -> None:
        """The member is one no longer."""
        await self.town.apps["registry"].state.reads.fetch(LEFT, self.member)

    async def row(self) -> dict[str, Any]:
        reads = self.town.apps["registry"].state.reads
        row = await reads.fetchrow("select * from member where id = $1::text::uuid", self.member)
        return dict(row)


async def a_case(town: Town, at: int = -1) -> Case:
    owner, person = a_filer(), Identity(scope="")
    case = Case(town, owner, person, await registered(town, owner))
    case.member = (await members_of(town, owner, case.cooperative))[at]["id"]
    await linked(town, case.member, person, giver=owner)
    return case


async def decide(
    town: Town, request: dict[str, Any], outcome: str = "GRANTED", **more: Any
) -> httpx.Response:
    body = {"outcome": outcome, "reason": "Vu la demande"} | more
    path, version = f"/v1/data-requests/{request['id']}/decisions", f'"{request["version"]}"'
    async with town.client("registry", a_protector()) as client:
        return await client.post(path, json=body, headers={"If-Match": version})


async def test_a_rectification_stands_in_the_register_once_it_is_granted(town: Town) -> None:
    case = await a_case(town)
    changes = {"nin": "2 901 2345 67899", "phone": "77 999 88 77", "birth_date": "1990-02-03"}
    request = await asked(town, case.person, case.member, "RECTIFICATION", changes=changes)
    before = await case.row()
    decided = expect(await decide(town, request), 201)
    after = await case.row()
    async with town.client("registry", case.person) as client:
        [own] = expect(await client.get("/v1/me/personal-data"), 200)["items"]
    assert (decided["status"], decided["allowed_actions"]) == ("GRANTED", [])
    assert own["member"]["revealed"] == {
        "nin": "2901234567899", "phone": "+221779998877", "birth_date": "1990-02-03",
    }  # fmt: skip
    assert (before["nin_blind"] != after["nin_blind"], after["birth_year"]) == (True, 1990)
    acts = await town.apps["registry"].state.reads.fetch(
        "select * from privacy_act where request_id = $1::text::uuid", request["id"]
    )
    assert [(act["kind"], act["fields"]) for act in acts] == [
        ("RECTIFIED", ["birth_date", "nin", "phone"])
    ]


async def test_a_rectification_is_held_against_the_rules_of_persons(town: Town) -> None:
    case = await a_case(town)
    changes = {"nin": "12", "phone": "1", "birth_date": "1990-02-03", "birth_year": 1991}
    changes |= {"given_names": "Awa\u200b"}
    body = {"kind": "RECTIFICATION", "member_id": case.member, "changes": changes}
    async with town.client("registry", case.person) as client:
        answer = await client.post("/v1/data-requests", json=body)
    assert codes(answer) == {
        "NIN_FORMAT", "PHONE_FORMAT", "BIRTH_MISMATCH", "TEXT_HIDDEN_CHARACTERS",
    }  # fmt: skip


async def test_nobody_takes_the_number_of_another_member(town: Town) -> None:
    case = await a_case(town)
    reads = town.apps["registry"].state.reads
    async with town.client("registry", case.owner) as client:
        filing = expect(await client.get(f"/v1/filings/{case.filing}"), 200)
    other = filing["payload"]["members"][0]["nin"]
    request = await asked(town, case.person, case.member, "RECTIFICATION", changes={"nin": other})
    answer = await decide(town, request)
    still = await reads.fetchrow(
        "select status from data_request where id = $1::text::uuid", request["id"]
    )
    assert codes(answer) == {"MEMBER_DUPLICATE"}
    assert still["status"] == "RECEIVED"


async def test_a_published_name_changes_by_a_filing_alone(town: Town) -> None:
    """AUSCOOP art. 70: what the register says of officers is meant for the public."""
    case = await a_case(town, at=0)
    request = await asked(
        town, case.person, case.member, "RECTIFICATION", changes={"family_name": "Ndiaye"}
    )
    answer = await decide(town, request)
    assert codes(answer) == {"NAME_IS_PUBLISHED"}


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (-1, {"MEMBERSHIP_CURRENT": "AUSCOOP art. 8-9"}),
        (
            0,
            {"MEMBERSHIP_CURRENT": "AUSCOOP art. 8-9", "OFFICER_PUBLISHED": "AUSCOOP art. 70"},
        ),
    ],
)
async def test_neither_a_current_member_nor_an_officer_is_erased(
    town: Town, at: int, found: dict[str, str]
) -> None:
    """A membership register is kept (AUSCOOP art. 8-9); officers are public (art. 70)."""
    case = await a_case(town, at)
    request = await asked(town, case.person, case.member, "ERASURE")
    barred = await decide(town, request)
    bare = await decide(town, request, "REFUSED")
    refused = await decide(town, request, "REFUSED", ground="MEMBERSHIP_REGISTER")
    assert {one["code"]: one["law_ref"] for one in problem(barred)["errors"]} == found
    assert codes(bare) == {"GROUND_REQUIRED"}
    assert expect(refused, 201)["ground"] == "MEMBERSHIP_REGISTER"


async def test_an_erasure_deletes_the_keys_and_with_them_every_copy(town: Town) -> None:
    case = await a_case(town)
    request = await asked(
        town, case.person, case.member, "ERASURE", statement="Je ne suis plus membre"
    )
    await case.leave()
    before = await case.row()
    expect(await decide(town, request), 201)
    after = await case.row()
    reads = town.apps["registry"].state.reads
    keys = await reads.fetch(
        "select wrapped, filing_id from person_key where member_id = $1::text::uuid", case.member
    )
    async with town.client("registry", case.owner) as client:
        filing = expect(await client.get(f"/v1/filings/{case.filing}"), 200)
        rows = await members_of(town, case.owner, case.cooperative)
        detail = expect(await client.get(f"/v1/cooperatives/{case.cooperative}"), 200)
    copy = filing["payload"]["members"][-1]
    assert [key["wrapped"] for key in keys] == [None, None]
    assert {key["filing_id"] is None for key in keys} == {True, False}
    for name in ("family_name", "given_names", "nin", "phone"):
        assert copy[name] == {"is_erased": True}
    assert rows[-1]["family_name"] == rows[-1]["given_names"] == "—"
    assert (rows[-1]["nin"], rows[-1]["birth_year"], rows[-1]["sex"]) == (None, None, "F")
    assert before["sex"] == after["sex"]
    assert (detail["members_count"], detail["women_count"]) == (7, 7)


async def test_what_was_asked_is_gone_with_who_asked(town: Town) -> None:
    case = await a_case(town)
    request = await asked(town, case.person, case.member, "ERASURE", statement="Merci")
    await case.leave()
    expect(await decide(town, request), 201)
    async with town.client("registry", case.person) as client:
        read = expect(await client.get(f"/v1/data-requests/{request['id']}"), 200)
        own = expect(await client.get("/v1/me/personal-data"), 200)["items"]
    assert (read["is_erased"], read["statement"], read["status"]) == (True, None, "GRANTED")
    assert own == []


async def read_as(
    town: Town, who: Identity, request: dict[str, Any], **headers: str
) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """A request as `who` sees it, and what is on record of it."""
    async with town.client("registry", who) as client:
        path = f"/v1/data-requests/{request['id']}"
        read = expect(await client.get(path, headers=headers), 200)
    rows = await town.apps["registry"].state.reads.fetch(
        "select capacity, purpose, fields, cooperative_id::text from data_access"
        " where operation = 'DATA_REQUEST' and sub = $1 order by id", who.sub,
    )  # fmt: skip
    return read, [tuple(row) for row in rows]


async def test_data_protection_reads_what_a_person_wrote_only_after_saying_why(town: Town) -> None:
    # domain: every read of a personal field is recorded with its Purpose-Of-Use
    case, protector = await a_case(town), a_protector()
    said = {"statement": "Mon numéro a changé", "changes": {"phone": "+221771234567"}}
    request = await asked(town, case.person, case.member, "RECTIFICATION", **said)
    masked, nothing = await read_as(town, protector, request)
    whole, recorded = await read_as(town, protector, request, **WHY)
    assert (masked["is_masked"], masked["statement"], masked["changes"]) == (True, None, None)
    assert nothing == []
    assert (whole["is_masked"], whole["statement"]) == (False, said["statement"])
    assert whole["changes"]["phone"] == "+221771234567"
    fields = ["statement", "phone"]
    assert recorded == [("DATA_PROTECTION", "SUBJECT_REQUEST", fields, case.cooperative)]
    own, mine = await read_as(town, case.person, request)
    assert own == whole
    assert mine == [("SUBJECT", None, fields, case.cooperative)]
    after, near = "/v1/data-accesses?limit=200", set()
    async with town.client("registry", a_protector()) as client:
        while after:
            page = expect(await client.get(after), 200)
            near |= {(one["operation"], one["sub"]) for one in page["items"]}
            after = (page["next"] or "").removeprefix("http://gateway")
    assert near >= {("DATA_REQUEST", protector.sub), ("DATA_REQUEST", case.person.sub)}


async def test_who_wrote_a_request_down_at_a_desk_is_not_the_person(town: Town) -> None:
    member, protector = await a_member_of(town), a_protector()
    request = await asked(town, protector, member, statement="Dit au guichet")
    masked, _ = await read_as(town, protector, request)
    _, [recorded] = await read_as(town, protector, request, **WHY)
    assert masked["is_masked"]
    assert recorded[:2] == ("DATA_PROTECTION", "SUBJECT_REQUEST")


@pytest.mark.parametrize("changes", [{"scope": ""}, {"territory": ["SN-DK"]}])
async def test_who_protects_no_longer_has_no_part_in_what_they_wrote_down(
    town: Town, changes: dict[str, Any]
) -> None:
    """personal-data.md: scope `privacy:manage`, in its territory."""
    member, protector = await a_member_of(town), a_protector()
    said = {"changes": {"nin": "2 901 2345 67899"}}
    request = await asked(town, protector, member, "RECTIFICATION", **said)
    path, former = f"/v1/data-requests/{request['id']}", replace(protector, **changes)
    async with town.client("registry", former) as client:
        read = await client.get(path, headers={"Purpose-Of-Use": "CONTROL"})
        withdrawn = await client.post(f"{path}/withdrawals", json={})
        mine = expect(await client.get("/v1/data-requests"), 200)["items"]
    assert (read.status_code, withdrawn.status_code, mine) == (404, 404, [])
    async with town.client("registry", protector) as client:
        expect(await client.post(f"{path}/withdrawals", json={}), 201)


async def test_own_data_of_two_cooperatives_is_on_record_in_each(town: Town) -> None:
    case = await a_case(town)
    other = await a_case(town)
    await linked(town, other.member, case.person, giver=other.owner)
    async with town.client("registry", case.person) as client:
        expect(await client.get("/v1/me/personal-data"), 200)
    rows = await town.apps["registry"].state.reads.fetch(
        "select cooperative_id::text, subjects[1]::text, cardinality(subjects) from data_access"
        " where operation = 'OWN_DATA' and sub = $1", case.person.sub,
    )  # fmt: skip
    assert {tuple(row) for row in rows} == {
        (one.cooperative, one.member, 1) for one in (case, other)
    }


async def test_an_officer_who_left_keeps_the_name_that_was_published(town: Town) -> None:
    case = await a_case(town, at=0)
    request = await asked(town, case.person, case.member, "ERASURE")
    await case.leave()
    expect(await decide(town, request), 201)
    row = await case.row()
    assert row["family_name"] == "Diatta"
    assert (row["nin_sealed"], row["nin_blind"], row["phone_sealed"]) == (None, None, None)


async def test_two_decisions_at_once_are_one(town: Town) -> None:
    case = await a_case(town)
    request = await asked(town, case.person, case.member, "ERASURE")
    await case.leave()
    answers = await asyncio.gather(*(decide(town, request) for _ in range(4)))
    acts = await town.apps["registry"].state.reads.fetch(
        "select * from privacy_act where request_id = $1::text::uuid", request["id"]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412]
    assert len(acts) == 1


async def test_a_request_is_due_after_the_days_of_the_table(town: Town) -> None:
    case = await a_case(town)
    request = await asked(town, case.person, case.member)
    assert request["due_on"] == (clock.today() + timedelta(days=30)).isoformat()
    async with town.client("registry", case.person) as client:
        body = {"kind": "ACCESS", "member_id": case.member}
        again = await client.post("/v1/data-requests", json=body)
        path = f"/v1/data-requests/{request['id']}/withdrawals"
        expect(await client.post(path, json={}), 201)
        once_more = await client.post(path, json={})
    assert problem(again)["code"] == "DATA_REQUEST_OPEN"
    assert problem(once_more)["current_status"] == "WITHDRAWN"


async def test_nobody_asks_for_another(town: Town) -> None:
    member = await a_member_of(town)
    body = {"kind": "ACCESS", "member_id": member}
    for who in (Identity(scope=""), a_filer(), a_protector("SN-DK")):
        async with town.client("registry", who) as client:
            answer = await client.post("/v1/data-requests", json=body)
        assert codes(answer) == {"MEMBER_NOT_YOURS"}


async def test_who_wrote_a_request_down_does_not_decide_it(town: Town) -> None:
    member, protector = await a_member_of(town), a_protector()
    request = await asked(town, protector, member, "OBJECTION")
    assert request["channel"] == "DESK"
    async with town.client("registry", protector) as client:
        answer = await client.post(
            f"/v1/data-requests/{request['id']}/decisions",
            json={"outcome": "GRANTED", "reason": "Oui"},
            headers={"If-Match": '"1"'},
        )
    assert problem(answer)["code"] == "FOUR_EYES"


@pytest.mark.parametrize(
    "act", ["update privacy_act set kind = 'ERASED'", "delete from privacy_act"]
)
async def test_no_act_on_personal_data_is_changed(town: Town, act: str) -> None:
    case = await a_case(town)
    changes = {"phone": "77 999 88 77"}
    request = await asked(town, case.person, case.member, "RECTIFICATION", changes=changes)
    expect(await decide(town, request), 201)
    with pytest.raises(PostgresError, match=r"append-only|permission denied"):
        await town.apps["registry"].state.reads.fetch(act)


async def test_a_later_filing_that_reuses_a_name_of_the_first_forgets_the_right_person(
    town: Town,
) -> None:
    """`m0` of a change is not the `m0` who founded the cooperative; an exit is one by filing."""
    owner = a_filer()
    id = await cooperative(town, owner)
    before = {row["id"] for row in await members_of(town, owner, id)}
    newcomer = a_member(0, birth_year=1990, requested_on=days_ago(9), shares=0)
    wish = {"decided_on": days_ago(2), "admissions": [newcomer]}
    made = await changed(town, owner, "CHANGE_OF_MEMBERSHIP", id, wish)
    [new] = {row["id"] for row in await members_of(town, owner, id)} - before
    gone = {"decided_on": days_ago(1), "exits": [{"member_id": new, "reason": "WITHDRAWAL"}]}
    await changed(town, owner, "CHANGE_OF_MEMBERSHIP", id, gone)
    request = await asked(town, a_protector(), new, "ERASURE")
    expect(await decide(town, request), 201)
    async with town.client("registry", owner) as client:
        filing = expect(await client.get(f"/v1/filings/{made['filing_id']}"), 200)
    assert filing["payload"]["admissions"][0]["nin"] == {"is_erased": True}
    rows = await members_of(town, owner, id)
    assert {row["id"] for row in rows} == before
    assert all(row["nin"] and row["family_name"] != "—" for row in rows)

"""Every reading of a personal field leaves a record, and no reading passes without one."""

from typing import Any
from uuid import uuid4

import pytest
from asyncpg import PostgresError
from asyncpg.exceptions import InsufficientPrivilegeError, RestrictViolationError

from tests.makers import a_client, a_member
from tests.registry.people import (
    a_filer,
    an_instructor,
    drafted,
    expect,
    registered,
    submitted,
)
from tests.town import Identity, Town, problem

WHY = {"Purpose-Of-Use": "INSTRUCTION"}


async def recorded(town: Town, who: Identity) -> list[dict[str, Any]]:
    """What is written down of what `who` read, oldest first."""
    rows = await town.apps["registry"].state.reads.fetch(
        "select * from data_access where sub = $1 order by at, id", who.sub
    )
    return [dict(row) for row in rows]


async def test_an_agent_sees_numbers_only_after_saying_why(town: Town) -> None:
    person = a_member(0, nin="2901234567890", phone="+221771234567", birth_date="1985-03-04")
    made = await registered(town, a_filer(), members=[person, *(a_member(n) for n in range(1, 7))])
    path, agent = f"/v1/cooperatives/{made['cooperative_id']}/members", an_instructor()
    async with town.client("registry", agent) as client:
        masked = expect(await client.get(path), 200)["items"]
        whole = expect(await client.get(path, headers=WHY), 200)["items"]
    mine = next(row for row in masked if row["nin_last3"] == "890")
    assert (mine["nin"], mine["revealed"]) == ({"is_masked": True}, None)
    assert next(row for row in whole if row["id"] == mine["id"])["revealed"] == {
        "nin": "2901234567890", "phone": "+221771234567", "birth_date": "1985-03-04",
    }  # fmt: skip
    first, second = await recorded(town, agent)
    assert (first["is_whole"], first["purpose"], first["capacity"]) == (False, None, "AGENT")
    assert (second["is_whole"], second["purpose"]) == (True, "INSTRUCTION")
    assert first["fields"] == ["family_name", "given_names", "birth_year", "nin"]
    assert set(second["fields"]) >= {"nin", "phone", "birth_date"}
    assert sorted(map(str, second["subjects"])) == sorted(row["id"] for row in whole)
    assert second["trace_id"] != ""


async def test_a_purpose_opens_nothing_to_the_cooperative_or_a_client(town: Town) -> None:
    owner = a_filer()
    made = await registered(town, owner)
    lent = a_client(owner, made["cooperative_id"], "cooperatives.members:read")
    path = f"/v1/cooperatives/{made['cooperative_id']}/members"
    rows = {}
    for who in (owner, lent):
        async with town.client("registry", who) as client:
            [row, *_] = expect(await client.get(path, headers=WHY), 200)["items"]
            rows[who.sub] = (row["revealed"], row["nin_last3"] is not None)
    assert rows == {owner.sub: (None, True), lent.sub: (None, False)}
    assert [one["capacity"] for one in await recorded(town, lent)] == ["CLIENT"]


async def test_a_purpose_that_is_none_is_refused(town: Town) -> None:
    made = await registered(town, a_filer())
    async with town.client("registry", an_instructor()) as client:
        answer = await client.get(
            f"/v1/cooperatives/{made['cooperative_id']}/members",
            headers={"Purpose-Of-Use": "curiosity"},
        )
        codes = expect(await client.get("/v1/code-lists/purposes-of-use"), 200)
    [finding] = problem(answer)["errors"]
    assert (answer.status_code, finding["header"]) == (400, "Purpose-Of-Use")
    assert "curiosity" not in answer.text
    assert "INSTRUCTION" in {item["code"] for item in codes["items"]}


async def test_a_filing_is_whole_for_an_agent_who_says_why(town: Town) -> None:
    filer, agent = a_filer(), an_instructor()
    filing = await submitted(town, filer)
    path = f"/v1/filings/{filing['id']}"
    async with town.client("registry", filer) as client:
        own = expect(await client.get(path), 200)["payload"]["members"]
    async with town.client("registry", agent) as client:
        masked = expect(await client.get(path), 200)["payload"]["members"]
        whole = expect(await client.get(path, headers=WHY), 200)["payload"]["members"]
    assert masked[0]["family_name"] == own[0]["family_name"]
    assert masked[0]["nin"] == {"is_masked": True}
    assert whole == own
    [mine] = await recorded(town, filer)
    assert (mine["capacity"], str(mine["filing_id"])) == ("FILER", filing["id"])
    assert [one["is_whole"] for one in await recorded(town, agent)] == [False, True]
    assert len(mine["subjects"]) == 7


async def test_names_and_numbers_of_a_draft_are_sealed(town: Town) -> None:
    name = f"Sagna{uuid4().hex}"
    filing = await drafted(town, a_filer(), members=[a_member(0, family_name=name)])
    reads = town.apps["registry"].state.reads
    [row] = await reads.fetch(
        "select payload::text from filing where id = $1::text::uuid", filing["id"]
    )
    assert name not in row["payload"]
    assert row["payload"].count("v2.") == 5  # names, number, telephone, year of birth


async def test_who_leaves_a_draft_leaves_no_key_and_who_stays_keeps_theirs(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer, members=[a_member(0), a_member(1)])
    path, stays = f"/v1/filings/{filing['id']}", a_member(1)
    query = (
        "select ref, id, wrapped is null as gone from person_key"
        " where filing_id = $1::text::uuid order by ref"
    )
    reads = town.apps["registry"].state.reads
    before = await reads.fetch(query, filing["id"])
    async with town.client("registry", filer) as client:
        sent = {"payload": {"members": [stays]}}
        changed = expect(await client.patch(path, json=sent, headers={"If-Match": '"1"'}), 200)
        whole = expect(await client.get(path), 200)["payload"]["members"]
    after = await reads.fetch(query, filing["id"])
    assert [row["gone"] for row in before] == [False, False]
    assert [row["gone"] for row in after] == [True, False]
    assert before[1]["id"] == after[1]["id"]
    assert changed["payload"]["members"][0]["nin"] == {"is_masked": True}
    assert whole == [stays]


async def test_what_cannot_be_recorded_is_not_shown(town: Town) -> None:
    made = await registered(town, a_filer())
    agent = an_instructor()
    async with town.owner("registry") as owner:
        await owner.execute("alter table data_access rename to data_access_away")
        try:
            async with town.client("registry", agent) as client:
                path = f"/v1/cooperatives/{made['cooperative_id']}/members"
                members = await client.get(path, headers=WHY)
                filing = await client.get(f"/v1/filings/{made['filing_id']}")
        finally:
            await owner.execute("alter table data_access_away rename to data_access")
    assert [answer.is_success for answer in (members, filing)] == [False, False]
    assert "family_name" not in members.text + filing.text


@pytest.mark.parametrize(
    "act",
    [
        "update data_access set purpose = null",
        "delete from data_access",
        "truncate data_access",
    ],
)
async def test_no_record_is_changed_or_deleted(town: Town, act: str) -> None:
    made = await registered(town, a_filer())
    agent = an_instructor()
    async with town.client("registry", agent) as client:
        expect(await client.get(f"/v1/filings/{made['filing_id']}", headers=WHY), 200)
    with pytest.raises(PostgresError) as refused:
        await town.apps["registry"].state.reads.fetch(act)
    assert isinstance(refused.value, RestrictViolationError | InsufficientPrivilegeError)
    assert len(await recorded(town, agent)) == 1

"""Where no person may be found: kept answers, stream, ledger, refusals, logs."""

import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis import logs
from services.registry.cooperatives.schemas import CooperativeRead
from tests.makers import a_filing, a_member, a_registration
from tests.registry.people import (
    a_filer,
    act,
    an_instructor,
    drafted,
    expect,
    link_everything,
    registered,
    submitted,
)
from tests.town import Town, problem

_SCOPE = ("principal", "method", "path", "key")


def opened(town: Town, row: Any) -> str:
    """A kept answer, whether or not it is sealed as well."""
    body = bytes(row["body"]).decode()
    if not body.startswith("v1."):
        return body
    place = "\n".join(("idempotency", *(row[name] for name in _SCOPE)))
    return str(town.apps["registry"].state.vault.open(body, place))


async def test_answers_that_are_kept_name_no_person(town: Town) -> None:
    names = {"family_name": f"Faye{uuid4().hex}", "given_names": f"Nogaye{uuid4().hex}"}
    births = {"birth_date": "1987-06-05", "birth_year": 1987}
    people = [a_member(0, **names, **births), *(a_member(n) for n in range(1, 7))]
    filer = a_filer()
    filing = await submitted(town, filer, members=people)
    reason = f"Motif {uuid4().hex}"
    async with town.client("registry", an_instructor()) as client:
        body = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": reason}]}
        expect(await act(client, filing, "reviews", body), 201)
    async with town.client("registry", filer) as client:
        expect(await act(client, filing, "withdrawals", {"reason": reason}), 201)
    reads = town.apps["registry"].state.reads
    rows = await reads.fetch("select * from idempotency")
    bodies = [opened(town, row) for row in rows]
    kept = [body for body in bodies if filing["id"] in body]
    assert len(kept) == 4
    secrets = (*names.values(), "1987-06-05", reason)
    assert not [word for word in secrets if word in "\n".join(kept)]
    assert filing["payload"]["members"][0] == {
        "id": "m0", "sex": "F", "shares": 5, "signed": "SIGNATURE",
        **{name: {"is_masked": True} for name in (*names, *births, "nin", "phone")},
    }  # fmt: skip


async def test_the_public_stream_says_no_more_than_the_public_register(town: Town) -> None:
    filer = a_filer()
    decision = await registered(town, filer)
    await link_everything(town)
    async with town.client("registry") as anyone:
        tip = expect(await anyone.get("/v1/events/tip"), 200)["sequence"]
        [*_, event] = expect(await anyone.get(f"/v1/events?after={tip - 1}"), 200)["items"]
    assert event["data"]["cooperative_id"] == decision["cooperative_id"]
    known = {"cooperative_id", "department_code", "organs_complete", "status"}
    assert event["data"].keys() - CooperativeRead.model_fields.keys() - known == set()
    assert filer.org not in json.dumps(event)


async def test_the_ledger_keeps_the_name_that_arrived(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    arrived = filing["payload"]["name"]
    async with town.client("registry", an_instructor()) as client:
        body = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "?"}]}
        back = expect(await act(client, filing, "reviews", body), 201)
    async with town.client("registry", filer) as client:
        path, version = f"/v1/filings/{filing['id']}", {"If-Match": f'"{back["version"]}"'}
        change = {"payload": {"name": "Awa Diatta, NIN 2901234567890"}}
        expect(await client.patch(path, json=change, headers=version), 200)
        expect(await act(client, filing, "withdrawals", {}), 201)
    reads = town.apps["registry"].state.reads
    lines = await reads.fetch(
        "select * from ledger where arrival_number = $1 order by pos", filing["arrival_number"]
    )
    assert [line["kind"] for line in lines] == ["ARRIVAL", "WITHDRAWAL"]
    assert {line["subject"] for line in lines} == {arrived}


async def test_every_line_of_a_filing_has_one_declarant(town: Town) -> None:
    filer = a_filer()
    decision = await registered(town, filer)
    reads = town.apps["registry"].state.reads
    lines = await reads.fetch(
        "select * from ledger where filing_id = $1::text::uuid", decision["filing_id"]
    )
    assert {line["kind"] for line in lines} == {"ARRIVAL", "APPROVAL"}
    assert {line["declarant"] for line in lines} == {filer.org}


async def test_a_mask_sent_back_is_refused_and_changes_nothing(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    path = f"/v1/filings/{filing['id']}"
    async with town.client("registry", filer) as client:
        before = expect(await client.get(path), 200)
        change = {"payload": {"members": filing["payload"]["members"]}}
        answer = await client.patch(path, json=change, headers={"If-Match": '"1"'})
        after = expect(await client.get(path), 200)
    places = {finding["pointer"] for finding in problem(answer)["errors"]}
    assert answer.status_code == 422
    assert "/payload/members/0/nin" in places
    assert before == after


async def test_refusals_never_repeat_what_was_sent(town: Town) -> None:
    marks = [f"secret{uuid4().hex}" for _ in range(6)]
    payload = a_registration(
        legal_form=marks[0], assembly_on=marks[1], share_value_xof=marks[2], cps_tags=[marks[3]]
    )
    payload["members"][0]["birth_date"] = marks[4]
    body = {"type": marks[5], "initiative_id": marks[5], "payload": payload}
    async with town.client("registry", a_filer()) as client:
        answer = await client.post("/v1/filings", json=body)
        headers = {"If-Match": f'"{marks[0]}"'}
        patch = await client.patch(f"/v1/filings/{uuid4()}", json=body, headers=headers)
        query = await client.get(f"/v1/filings?status={marks[0]}&cursor={marks[1]}")
    assert (answer.status_code, patch.status_code, query.status_code) == (422, 404, 400)
    assert not [mark for mark in marks if mark in answer.text + patch.text + query.text]


async def test_an_error_of_the_database_does_not_carry_what_was_written(town: Town) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with town.apps["registry"].state.database.transaction() as session:
            connection = await session.connection()
            await connection.execute(text("select 1 / (length(:it) * 0)"), {"it": "Awa Diatta"})
    assert "Awa Diatta" not in str(caught.value)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    before, lines = structlog.get_config()["logger_factory"], io.StringIO()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=lines))
    logs.visits.out = lines
    yield lines
    logs.visits.out = None
    structlog.configure(logger_factory=before)


async def test_logs_name_nobody(town: Town, logged: io.StringIO) -> None:
    name = f"Sagna{uuid4().hex}"
    people = [a_member(n, family_name=name) for n in range(7)]
    filer = a_filer()
    decision = await registered(town, filer, members=people)
    async with town.client("registry", filer) as client:
        await client.get(f"/v1/cooperatives/{decision['cooperative_id']}/members")
        await client.post("/v1/filings", json=a_filing(members=[a_member(0, family_name=7)]))
    logs.visits.flush()
    output = logged.getvalue()
    assert "/v1/filings/{id}/decisions" in output
    assert not [word for word in (name, people[0]["nin"], people[0]["phone"]) if word in output]

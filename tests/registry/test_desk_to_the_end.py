"""A file that was moved, or is about a cooperative that exists, goes the same way to its end."""

from datetime import timedelta
from typing import Any

from chassis import clock
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    expect,
    registered,
    submitted,
)
from tests.registry.test_desk import KOLDA, a_registrar, get, queue, transfer
from tests.town import Identity, Town, codes


async def test_a_moved_file_is_examined_and_approved_where_it_lies(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    expect(await transfer(town, a_registrar(), filing), 201)
    async with town.client("registry", an_instructor("SN-KD")) as client:
        seen = expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
    async with town.client("registry", a_validator("SN-KD")) as client:
        body = {"outcome": "APPROVED"}
        made = expect(await decide(client, seen | {"id": filing["id"]}, body), 201)
    assert made["registration_number"]
    steps = await get(town, filer, f"/v1/filings/{filing['id']}/timeline")
    assert [step["kind"] for step in steps["items"]] == [
        "ARRIVED", "TRANSFERRED", "FOUND_COMPLETE", "APPROVED",
    ]  # fmt: skip
    assert {step["authority_code"] for step in steps["items"][1:]} == {KOLDA}


async def test_a_file_waits_again_when_it_comes_back_out_of_the_decision_stage(
    town: Town,
) -> None:
    filer, chief = a_filer(), a_validator()
    filing = await submitted(town, filer)
    async with town.client("registry", an_instructor()) as client:
        expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
    async with town.client("registry", chief) as client:
        expect(await act(client, filing, "assignments", {"kind": "TAKE"}), 201)
        refused = await act(
            client, filing, "assignments", {"kind": "ASSIGN", "agent_id": filer.sub}
        )
    assert codes(refused) == {"AGENT_UNKNOWN"}
    path = f"/v1/filings/{filing['id']}/progress"
    before = await get(town, filer, path)
    async with town.client("registry", chief) as client:
        expect(await act(client, filing, "assignments", {"kind": "RELEASE"}), 201)
    body = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "Précisez."}]}
    with clock.shifted(timedelta(days=3)):
        async with town.client("registry", an_instructor()) as client:
            expect(await act(client, filing, "reviews", body), 201)
        after = await get(town, filer, path)
    assert (before["stage"], after["stage"], after["clock"]) == (
        "DECISION", "COMPLETENESS", "STOPPED",
    )  # fmt: skip


async def of_a_change(town: Town, filer: Identity) -> dict[str, Any]:
    made = await registered(town, filer)
    body = {
        "type": "CHANGE_OF_OBJECT",
        "cooperative_id": made["cooperative_id"],
        "payload": {
            "decided_on": clock.today().isoformat(),
            "object": "Décorticage de noix de cajou",
        },
    }
    async with town.client("registry", filer) as client:
        filing = expect(await client.post("/v1/filings", json=body), 201)
        return expect(await act(client, filing, "submissions", {}), 201)


async def test_a_change_of_a_cooperative_lies_on_the_desk_and_takes_remarks(town: Town) -> None:
    filer = a_filer()
    filing = await of_a_change(town, filer)
    instructor = an_instructor()
    row = (await queue(town, instructor, "&type=CHANGE_OF_OBJECT"))[filing["id"]]
    assert (row["stage"], row["authority_code"]) == ("COMPLETENESS", "SN-SE-SD")
    remark = {"pointer": "/payload/members/0", "message": "?"}
    body = {"outcome": "CHANGES_REQUESTED", "remarks": [remark]}
    async with town.client("registry", instructor) as client:
        nowhere = await act(client, filing, "reviews", body)
        body["remarks"] = [{"pointer": "/payload/decided_on", "message": "Quel jour ?"}]
        expect(await act(client, filing, "reviews", body), 201)
    async with town.client("registry", filer) as client:
        bare = await act(client, filing, "submissions", {})
        said = {"answers": [{"remark": 1, "message": "Celui du procès-verbal."}]}
        expect(await act(client, filing, "submissions", said), 201)
    assert codes(nowhere) == {"REMARK_POINTS_NOWHERE"}
    assert codes(bare) == {"REMARK_UNANSWERED"}

"""From draft to certificate, as the law and four eyes want it."""

from typing import Any

import httpx

from chassis.chain import broken_at
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    drafted,
    expect,
    link_everything,
    registered,
    reviewed,
    submitted,
)
from tests.town import Town, problem


async def test_a_registration_goes_from_draft_to_certificate(town: Town) -> None:
    filer = a_filer()
    filing = await reviewed(town, filer)
    async with town.client("registry", a_validator()) as validator:
        decision = expect(await decide(validator, filing, {"outcome": "APPROVED"}), 201)
    async with town.client("registry") as anyone:
        found = expect(await anyone.get(f"/v1/cooperatives/{decision['cooperative_id']}"), 200)
        proof = expect(await anyone.get(f"/v1/verifications/{decision['verification_code']}"), 200)
    assert found["registration_number"] == decision["registration_number"]
    assert found["officers"][0]["function"] == "PRESIDENT"
    assert (proof["status"], proof["facts"]["name"]) == ("VALID", found["name"])


async def test_the_arrival_number_stays_when_a_file_comes_back(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    assert filing["arrival_number"].startswith("SN-SE-SD/")
    async with town.client("registry", an_instructor()) as instructor:
        remark = {"pointer": "/payload/object", "message": "Précisez l'activité."}
        body = {"outcome": "CHANGES_REQUESTED", "remarks": [remark]}
        expect(await act(instructor, filing, "reviews", body), 201)
    async with town.client("registry", filer) as client:
        back = expect(await client.get(f"/v1/filings/{filing['id']}"), 200)
        changed = await client.patch(
            f"/v1/filings/{filing['id']}",
            json={"payload": {"object": "Décorticage de noix de cajou"}},
            headers={"If-Match": f'"{back["version"]}"'},
        )
        expect(changed, 200)
        again = expect(await act(client, filing, "submissions", {}), 201)
    assert back["status"] == "CHANGES_REQUESTED"
    assert again["arrival_number"] == filing["arrival_number"]
    assert again["payload"]["object"] == "Décorticage de noix de cajou"


async def test_who_reviewed_may_not_decide(town: Town) -> None:
    both = an_instructor()
    both.scope += " filings:decide"
    filing = await submitted(town, a_filer())
    async with town.client("registry", both) as client:
        review = expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
        answer = await decide(client, review | {"id": filing["id"]}, {"outcome": "APPROVED"})
    assert (answer.status_code, problem(answer)["code"]) == (403, "FOUR_EYES")


async def test_who_filed_may_neither_review_nor_decide(town: Town) -> None:
    filer = a_filer(territory=["SN"])
    filer.scope += " filings:review filings:decide"
    filing = await submitted(town, filer)
    async with town.client("registry", filer) as client:
        review = await act(client, filing, "reviews", {"outcome": "COMPLETE"})
    assert problem(review)["code"] == "FOUR_EYES"
    async with town.client("registry", an_instructor()) as client:
        done = expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
    async with town.client("registry", filer) as client:
        answer = await decide(client, done | {"id": filing["id"]}, {"outcome": "APPROVED"})
    assert problem(answer)["code"] == "FOUR_EYES"


async def test_a_rejection_carries_its_reason(town: Town) -> None:
    filing = await reviewed(town, a_filer())
    async with town.client("registry", a_validator()) as client:
        bare = await decide(client, filing, {"outcome": "REJECTED"})
        body = {"outcome": "REJECTED", "reason_code": "DOUBLE", "reason": "Déjà immatriculée"}
        decision = expect(await decide(client, filing, body), 201)
    assert problem(bare)["errors"][0]["pointer"] == "/reason"
    assert (decision["status"], decision["cooperative_id"]) == ("REJECTED", None)


async def test_a_decision_needs_the_version_that_was_read(town: Town) -> None:
    filing = await reviewed(town, a_filer())
    async with town.client("registry", a_validator()) as client:
        path = f"/v1/filings/{filing['id']}/decisions"
        without = await client.post(path, json={"outcome": "APPROVED"})
        stale = await decide(client, filing | {"version": 1}, {"outcome": "APPROVED"})
    assert (without.status_code, stale.status_code) == (428, 412)
    assert problem(stale)["current_version"] == filing["version"]


async def test_personal_fields_are_whole_for_filers_and_masked_for_agents(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    path = f"/v1/filings/{filing['id']}"
    async with town.client("registry", filer) as client:
        own = expect(await client.get(path), 200)["payload"]["members"][0]
    async with town.client("registry", an_instructor()) as client:
        seen = expect(await client.get(path), 200)["payload"]["members"][0]
    assert own["nin"].isdigit()
    assert (seen["nin"], seen["phone"]) == ({"is_masked": True}, {"is_masked": True})
    assert filing["payload"]["members"][0]["nin"] == {"is_masked": True}


async def test_no_personal_field_is_stored_in_clear(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    async with town.client("registry", filer) as client:
        own = expect(await client.get(f"/v1/filings/{filing['id']}"), 200)
    nins = [member["nin"] for member in own["payload"]["members"]]
    reads = town.apps["registry"].state.reads
    for table in ("filing", "idempotency", "event_log", "member"):
        rows = await reads.fetch(f"select t::text as line from {table} t")
        text = "\n".join(row["line"] for row in rows)
        assert not [nin for nin in nins if nin in text], table


async def test_the_public_stream_shows_the_registration_in_an_unbroken_chain(town: Town) -> None:
    decision = await registered(town, a_filer())
    await link_everything(town)
    async with town.client("registry") as anyone:
        events = await every_event(anyone)
        tip = expect(await anyone.get("/v1/events/tip"), 200)
    assert decision["cooperative_id"] in {event["data"]["cooperative_id"] for event in events}
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert broken_at(events) is None
    assert (tip["sequence"], tip["hash"]) == (len(events), events[-1]["hash"])


async def every_event(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    while page := await one_page(client, len(events)):
        events += page
    return events


async def one_page(client: httpx.AsyncClient, after: int) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/events?after={after}&limit=200")
    items: list[dict[str, Any]] = expect(answer, 200)["items"]
    return items

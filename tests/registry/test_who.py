"""Who sees and changes what."""

from typing import Any
from uuid import uuid4

import pytest

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
from tests.registry.test_initiatives import an_initiative
from tests.town import Identity, Town, codes, problem


def told(answer: Any) -> dict[str, Any]:
    return {k: v for k, v in problem(answer).items() if k not in ("trace_id", "instance")}


async def file_for(town: Town, who: Identity, **fields: Any) -> Any:
    async with town.client("registry", who) as client:
        return await client.post("/v1/filings", json={"type": "REGISTRATION", **fields})


async def test_the_initiative_of_others_looks_absent_in_a_filing_too(town: Town) -> None:
    async with town.client("registry", a_filer()) as owner:
        made = expect(await owner.post("/v1/initiatives", json=an_initiative()), 201)
    stranger = a_filer()
    foreign = await file_for(town, stranger, initiative_id=made["id"])
    absent = await file_for(town, stranger, initiative_id=str(uuid4()))
    assert codes(foreign) == {"INITIATIVE_UNKNOWN"}
    assert told(foreign) == told(absent)


async def test_a_volunteer_files_for_a_group_of_the_territory(town: Town) -> None:
    owner = a_filer()
    async with town.client("registry", owner) as client:
        made = expect(await client.post("/v1/initiatives", json=an_initiative()), 201)
    filing = await file_for(town, a_filer(territory=["SN-SE"]), initiative_id=made["id"])
    assert filing.json()["organisation_id"] == owner.org


async def test_nobody_without_a_territory_acts_for_the_organisation_of_others(town: Town) -> None:
    stranger, other = a_filer(), a_filer()
    filing = await file_for(town, stranger, organisation_id=other.org)
    async with town.client("registry", stranger) as client:
        body = an_initiative(organisation_id=other.org)
        initiative = await client.post("/v1/initiatives", json=body)
    assert codes(filing) == codes(initiative) == {"ORGANISATION_NOT_YOURS"}
    own = await file_for(town, stranger, organisation_id=stranger.org)
    helped = await file_for(town, a_filer(territory=["SN"]), organisation_id=other.org)
    assert (own.status_code, helped.json()["organisation_id"]) == (201, other.org)


async def test_a_volunteer_starts_groups_only_where_they_will_see_them(town: Town) -> None:
    volunteer = a_filer(territory=["SN-DK"])
    async with town.client("registry", volunteer) as client:
        body = an_initiative(organisation_id="org-of-a-group")
        elsewhere = await client.post("/v1/initiatives", json=body)
        at_home = await client.post("/v1/initiatives", json=body | {"commune_code": "SN-DK-DD1-1"})
    assert codes(elsewhere) == {"ORGANISATION_NOT_YOURS"}
    assert at_home.status_code == 201


async def test_drafts_are_for_their_filers_alone(town: Town) -> None:
    filing = await drafted(town, a_filer())
    path = f"/v1/filings/{filing['id']}"
    version = {"If-Match": '"1"'}
    answers = []
    for who in (an_instructor("SN"), a_validator("SN"), a_filer(territory=["SN"])):
        who.scope += " filings:write"
        async with town.client("registry", who) as client:
            answers += [
                await client.get(path),
                await client.patch(path, json={}, headers=version),
                await act(client, filing, "submissions", {}),
                await act(client, filing, "withdrawals", {}),
            ]
            listed = expect(await client.get("/v1/filings?limit=200"), 200)["items"]
            assert filing["id"] not in {row["id"] for row in listed}
    assert {answer.status_code for answer in answers} == {404}


async def test_colleagues_of_the_filer_see_and_withdraw_the_filing(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    async with town.client("registry", a_filer(org=filer.org)) as colleague:
        read = expect(await colleague.get(f"/v1/filings/{filing['id']}"), 200)
        gone = expect(await act(colleague, filing, "withdrawals", {"reason": "Doublon"}), 201)
        after = expect(await colleague.get(f"/v1/filings/{filing['id']}"), 200)
    assert read["payload"]["members"][0]["nin"].isdigit()
    assert gone["status"] == "WITHDRAWN"
    assert after["withdrawal_reason"] == "Doublon"


@pytest.mark.parametrize("hand", ["edits", "submits"])
async def test_whoever_had_a_hand_in_a_filing_neither_reviews_nor_decides_it(
    town: Town, hand: str
) -> None:
    filer = a_filer()
    other = a_filer(org=filer.org, territory=["SN"])
    other.scope += " filings:review filings:decide"
    filing = await drafted(town, filer)
    async with town.client("registry", other if hand == "edits" else filer) as client:
        change = {"payload": {"object": "Noix de cajou"}}
        path, version = f"/v1/filings/{filing['id']}", {"If-Match": '"1"'}
        expect(await client.patch(path, json=change, headers=version), 200)
    async with town.client("registry", other if hand == "submits" else filer) as client:
        expect(await act(client, filing, "submissions", {}), 201)
    async with town.client("registry", other) as client:
        own = await act(client, filing, "reviews", {"outcome": "COMPLETE"})
    async with town.client("registry", an_instructor()) as client:
        done = expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
    async with town.client("registry", other) as client:
        decision = await decide(client, done | {"id": filing["id"]}, {"outcome": "APPROVED"})
    assert problem(own)["code"] == problem(decision)["code"] == "FOUR_EYES"


async def test_agents_act_in_their_territory_alone_even_for_their_own_organisation(
    town: Town,
) -> None:
    filer = a_filer(territory=["SN"])
    elsewhere = an_instructor("SN-DK")
    elsewhere.org, elsewhere.scope = filer.org, "filings:review filings:decide"
    filing = await submitted(town, filer)
    async with town.client("registry", elsewhere) as client:
        review = await act(client, filing, "reviews", {"outcome": "COMPLETE"})
        decision = await decide(client, filing, {"outcome": "APPROVED"})
    assert (review.status_code, decision.status_code) == (404, 404)


async def test_the_filer_reads_why_a_filing_came_back(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    remark = {"pointer": "/payload/object", "message": "Précisez l'activité."}
    body = {"outcome": "CHANGES_REQUESTED", "remarks": [remark]}
    async with town.client("registry", an_instructor()) as client:
        made = expect(await act(client, filing, "reviews", body), 201)
    path = f"/v1/filings/{filing['id']}/reviews"
    async with town.client("registry", filer) as client:
        [review] = expect(await client.get(path), 200)["items"]
    async with town.client("registry", a_filer()) as stranger:
        assert (await stranger.get(path)).status_code == 404
    assert (review["id"], review["outcome"]) == (made["id"], "CHANGES_REQUESTED")
    unsaid = dict.fromkeys(("document_id", "document_code", "rule", "code"))
    assert review["remarks"] == [remark | {"number": 1} | unsaid]
    assert review["answers"] == []


async def test_the_filer_reads_why_a_filing_was_rejected(town: Town) -> None:
    filer = a_filer()
    filing = await reviewed(town, filer)
    body = {"outcome": "REJECTED", "reason_code": "DOUBLE", "reason": "Déjà immatriculée"}
    async with town.client("registry", a_validator()) as client:
        made = expect(await decide(client, filing, body), 201)
    path = f"/v1/filings/{filing['id']}/decisions"
    async with town.client("registry", filer) as client:
        [decision] = expect(await client.get(path), 200)["items"]
    async with town.client("registry", a_filer()) as stranger:
        assert (await stranger.get(path)).status_code == 404
    assert decision["id"] == made["id"]
    assert (decision["reason_code"], decision["reason"]) == ("DOUBLE", "Déjà immatriculée")

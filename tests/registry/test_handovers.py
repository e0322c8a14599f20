"""A record that came with a list belongs to nobody, until a registrar hands it over."""

import asyncio
from typing import Any
from uuid import UUID

import httpx

from chassis.reads import Reads
from services.registry.present import departures
from tests.makers import DIENDE
from tests.registry.importing import a_list, a_name, imported, rows_of
from tests.registry.people import a_filer, expect, registered
from tests.registry.test_changes import cooperative
from tests.registry.test_corrections import a_return
from tests.registry.test_filing_types import (
    LIQUIDATOR,
    a_draft,
    a_registrar,
    approve,
    arrived,
    decided,
    entered,
    read,
    refused,
)
from tests.town import Identity, Town, problem


async def an_unclaimed_record(town: Town) -> str:
    rows = a_list((a_name(), DIENDE, "12", "7"), header="nom,commune,membres,femmes")
    made = await imported(town, rows)
    [row] = await rows_of(town, made["who"], made)
    return str(row["cooperative_id"])


def given_to(owner: Identity, **said: Any) -> dict[str, Any]:
    ground = {"ground": "MINUTES", "reason": "Procès-verbal du 12 mai"}
    return decided(organisation_id=owner.org, **ground, **said)


async def owner_known_by(town: Town, service: str, table: str, id: str) -> Any:
    reads: Reads = town.apps[service].state.reads
    row = await reads.fetchrow(f"select organisation_id from {table} where id = $1", UUID(id))
    return row and row["organisation_id"]


async def whose(town: Town, id: str) -> str:
    return str(await owner_known_by(town, "registry", "cooperative", id))


async def files_about(town: Town, owner: Identity, id: str) -> httpx.Response:
    async with town.client("registry", owner) as client:
        wish = a_draft("CHANGE_OF_OBJECT", id, decided(object="Élevage"))
        return await client.post("/v1/filings", json=wish)


async def departed(town: Town, id: str) -> list[str]:
    async with town.owner("registry") as connection, connection.transaction():
        return [one async for one in departures(connection) if id in one]


async def test_a_record_of_a_list_is_handed_over_and_everybody_hears_of_it(town: Town) -> None:
    owner, id = a_filer(), await an_unclaimed_record(town)
    assert (await whose(town, id)).startswith("unclaimed-")
    assert (await files_about(town, owner, id)).status_code == 422
    before = await read(town, id)
    after = await entered(town, a_registrar(), "HANDOVER", id, given_to(owner))
    assert await whose(town, id) == owner.org
    # whose it is concerns nobody who reads the public register
    varying = ("known_at", "revision")
    assert {k: v for k, v in after.items() if k not in varying} == {
        k: v for k, v in before.items() if k not in varying
    }
    assert owner.org not in str(after)
    await town.deliver()
    assert await owner_known_by(town, "training", "known_group", id) == owner.org
    assert await owner_known_by(town, "financing", "known_cooperative", id) == owner.org
    filing = expect(await files_about(town, owner, id), 201)
    assert filing["organisation_id"] == owner.org
    lines = "select kind from ledger where formality = 'HANDOVER' and subject = $1"
    told = await town.apps["registry"].state.reads.fetch(lines, before["name"])
    assert {"ARRIVAL", "APPROVAL"} <= {one["kind"] for one in told}
    assert await departed(town, id) == []


async def test_what_is_somebodys_is_given_to_nobody_else(town: Town) -> None:
    first, other, id = a_filer(), a_filer(), await an_unclaimed_record(town)
    await entered(town, a_registrar(), "HANDOVER", id, given_to(first))
    own = await cooperative(town, first)
    for record in (id, own):
        found = await refused(town, a_registrar(), "HANDOVER", record, given_to(other))
        assert ("RECORD_OWNED_ALREADY", "/payload/organisation_id") in found
    nobody = given_to(other) | {"organisation_id": "unclaimed-1"}
    found = await refused(town, a_registrar(), "HANDOVER", id, nobody)
    assert ("FIELD_INVALID", "/payload/organisation_id") in found


async def test_only_registrars_hand_over_and_never_alone(town: Town) -> None:
    owner, id = a_filer(), await an_unclaimed_record(town)
    async with town.client("registry", owner) as client:
        answer = await client.post("/v1/filings", json=a_draft("HANDOVER", id, given_to(owner)))
    assert (answer.status_code, problem(answer)["code"]) == (403, "INSUFFICIENT_SCOPE")
    registrar = a_registrar()
    filing = await arrived(town, registrar, a_draft("HANDOVER", id, given_to(owner)))
    both = Identity(scope="filings:decide filings:correct", territory=["SN"], sub=registrar.sub,
                    org=registrar.org)  # fmt: skip
    async with town.client("registry", both) as client:
        answer = await client.post(
            f"/v1/filings/{filing['id']}/decisions",
            json={"outcome": "APPROVED"},
            headers={"If-Match": f'"{filing["version"]}"'},
        )
    assert (answer.status_code, problem(answer)["code"]) == (403, "FOUR_EYES")
    assert (await whose(town, id)).startswith("unclaimed-")


async def test_two_organisations_race_for_one_record_and_one_gets_it(town: Town) -> None:
    owners, id = [a_filer(), a_filer()], await an_unclaimed_record(town)
    wishes = [a_draft("HANDOVER", id, given_to(owner)) for owner in owners]
    filings = [await arrived(town, a_registrar(), wish) for wish in wishes]
    answers = await asyncio.gather(*(approve(town, filing) for filing in filings))
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [201, 422], [answer.text for answer in answers]
    assert await whose(town, id) == owners[statuses.index(201)].org
    lost = answers[statuses.index(422)]
    assert {one["code"] for one in problem(lost)["errors"]} == {"RECORD_OWNED_ALREADY"}
    assert await departed(town, id) == []


async def test_an_owner_who_was_named_wrongly_is_put_right_by_a_correction(town: Town) -> None:
    wrong, owner, id = a_filer(), a_filer(), await an_unclaimed_record(town)
    filing = await arrived(town, a_registrar(), a_draft("HANDOVER", id, given_to(wrong)))
    expect(await approve(town, filing), 201)
    right = {
        "corrects_filing_id": filing["id"],
        "reason": "Homonyme",
        "organisation_id": owner.org,
    }
    await entered(town, a_registrar(), "CORRECTION", id, right)
    assert await whose(town, id) == owner.org
    assert (await files_about(town, owner, id)).status_code == 201
    assert (await files_about(town, wrong, id)).status_code == 422
    await town.deliver()
    assert await owner_known_by(town, "financing", "known_cooperative", id) == owner.org


async def test_who_was_named_wrongly_goes_on_with_nothing(town: Town) -> None:
    wrong, owner, id = a_filer(), a_filer(), await an_unclaimed_record(town)
    given = await arrived(town, a_registrar(), a_draft("HANDOVER", id, given_to(wrong)))
    expect(await approve(town, given), 201)
    draft = expect(await files_about(town, wrong, id), 201)
    pending = await arrived(town, wrong, a_draft("CHANGE_OF_OBJECT", id, decided(object="Pêche")))
    right = {"corrects_filing_id": given["id"], "reason": "x", "organisation_id": owner.org}
    await entered(town, a_registrar(), "CORRECTION", id, right)
    async with town.client("registry", wrong) as client:
        late = await client.post(f"/v1/filings/{draft['id']}/submissions", json={})
    for answer in (late, await approve(town, pending)):
        assert answer.status_code == 422
        assert "COOPERATIVE_UNKNOWN" in {one["code"] for one in problem(answer)["errors"]}


async def test_a_correction_names_an_owner_only_where_the_filing_did(town: Town) -> None:
    owner = a_filer()
    id = await cooperative(town, owner)
    filing = await arrived(town, owner, a_draft("CHANGE_OF_OBJECT", id, decided(object="Élevage")))
    expect(await approve(town, filing), 201)
    said = {"reason": "x", "organisation_id": "org-autre"}
    beyond = said | {"corrects_filing_id": filing["id"]}
    found = await refused(town, a_registrar(), "CORRECTION", id, beyond)
    assert ("CORRECTION_BEYOND_FILING", "/payload/organisation_id") in found


async def test_what_the_law_asks_is_filed_also_in_liquidation(town: Town) -> None:
    """AUSCOOP art. 183-184: it lives on for the needs of the liquidation."""
    owner, registrar = a_filer(), a_registrar()
    id = await cooperative(town, owner)
    await entered(town, owner, "CPS_RECOGNITION", id, decided())
    ending = decided(reason="MEMBERS_DECISION", liquidator=LIQUIDATOR)
    await entered(town, owner, "DISSOLUTION", id, ending)
    found = await entered(town, owner, "ANNUAL_RETURN", id, a_return())
    assert found["last_return"] is not None
    found = await entered(town, registrar, "CPS_WITHDRAWAL", id, decided(reason="Liquidation"))
    assert (found["life"], found["cps_status"]) == ("IN_LIQUIDATION", "WITHDRAWN")
    granted = decided(action="GRANT", number="1", authority="MMESS")
    codes = await refused(town, owner, "ESS_AGREEMENT", id, granted)
    assert ("LIFE_FORBIDS", "/payload/action") in codes
    async with town.client("registry", owner) as client:
        for type in ("CHANGE_OF_NAME", "CPS_RECOGNITION", "CHANGE_OF_MEMBERSHIP"):
            answer = await client.post("/v1/filings", json=a_draft(type, id, {}))
            assert answer.status_code == 409, type


async def test_whoever_decides_is_told_of_an_organisation_that_was_never_seen(town: Town) -> None:
    id, known, unknown = await an_unclaimed_record(town), a_filer(), a_filer()
    await registered(town, known)
    seen = {}
    async with town.client("registry", a_registrar()) as client:
        for owner in (known, unknown):
            wish = a_draft("HANDOVER", id, given_to(owner))
            made = expect(await client.post("/v1/filings", json=wish), 201)
            checked = expect(await client.post(f"/v1/filings/{made['id']}/submissions"), 201)
            seen[owner.org] = {(f["code"], f["pointer"]) for f in checked["warnings"]}
    never = ("ORGANISATION_NEVER_SEEN", "/payload/organisation_id")
    assert never not in seen[known.org]
    assert never in seen[unknown.org]

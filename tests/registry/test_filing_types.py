"""Each type of filing over HTTP: filed, reviewed, approved, and read in the record."""

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx

from chassis import clock
from tests.makers import a_member, a_registration, an_officer
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    expect,
    registered,
)
from tests.town import Identity, Town, problem

LIQUIDATOR = {"family_name": "Ndiaye", "given_names": "Awa"}


def a_registrar() -> Identity:
    return Identity(scope="filings:correct", roles=["registrar"], territory=["SN"])


def a_draft(type: str, cooperative_id: str | None, payload: dict[str, Any]) -> dict[str, Any]:
    about = {"cooperative_id": cooperative_id} if cooperative_id else {}
    return {"type": type, "payload": payload, **about}


async def arrived(town: Town, by: Identity, wish: dict[str, Any]) -> dict[str, Any]:
    """Filed, submitted and found complete: ready to be decided."""
    async with town.client("registry", by) as client:
        filing = expect(await client.post("/v1/filings", json=wish), 201)
        expect(await client.post(f"/v1/filings/{filing['id']}/submissions"), 201)
    async with town.client("registry", an_instructor()) as client:
        expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
    async with town.client("registry", by) as client:
        return expect(await client.get(f"/v1/filings/{filing['id']}"), 200)


async def approve(town: Town, filing: dict[str, Any]) -> httpx.Response:
    async with town.client("registry", a_validator()) as client:
        return await decide(client, filing, {"outcome": "APPROVED"})


async def read(town: Town, cooperative_id: str) -> dict[str, Any]:
    async with town.client("registry") as anyone:
        return expect(await anyone.get(f"/v1/cooperatives/{cooperative_id}"), 200)


async def entered(
    town: Town, by: Identity, type: str, id: str | None, payload: dict[str, Any]
) -> dict[str, Any]:
    """The record once a filing of that type is approved."""
    filing = await arrived(town, by, a_draft(type, id, payload))
    decision = expect(await approve(town, filing), 201)
    return await read(town, decision["cooperative_id"])


async def refused(
    town: Town, by: Identity, type: str, id: str | None, payload: dict[str, Any]
) -> set[tuple[str, str]]:
    """What a check without a filing finds to block."""
    async with town.client("registry", by) as client:
        answer = await client.post(
            "/v1/filings?validate_only=true", json=a_draft(type, id, payload)
        )
    found = expect(answer, 200)["findings"]
    return {(one["code"], one["pointer"]) for one in found if one["severity"] == "BLOCK"}


async def a_cooperative(town: Town, by: Identity, **changes: Any) -> str:
    return str((await registered(town, by, **changes))["cooperative_id"])


def today() -> str:
    return clock.today().isoformat()


def decided(**said: Any) -> dict[str, Any]:
    return {"decided_on": today(), **said}


async def test_an_annual_return_enters_the_record(town: Town) -> None:
    filer = a_filer()
    id = await a_cooperative(town, filer)
    year = clock.today().year
    said = {
        "year_end_on": f"{year - 1}-12-31",
        "assembly_on": min(clock.today(), date(year, 5, 10)).isoformat(),
        "auditor": "Cabinet Sow",
        "accounts": {
            "turnover_xof": 12_000_000,
            "equity_xof": 900_000,
            "balance_sheet_xof": 3_000_000,
            "net_surplus_xof": 100_000,
            "to_general_reserve_xof": 20_000,
            "to_training_reserve_xof": 20_000,
        },
        "workforce": {"employees_women": 3, "volunteers_not_stated": 2},
    }
    found = await entered(town, filer, "ANNUAL_RETURN", id, said)
    assert found["last_return"] == {name: said[name] for name in
                                    ("year_end_on", "assembly_on", "auditor")}  # fmt: skip
    again = await refused(town, filer, "ANNUAL_RETURN", id, said)
    assert ("RETURN_ALREADY_FILED", "/payload/year_end_on") in again


async def test_a_cps_is_recognised_suspended_and_withdrawn(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await a_cooperative(town, filer)
    said = decided(reference="Note 12", cps_tags=["MIXTE"])
    found = await entered(town, filer, "CPS_RECOGNITION", id, said)
    assert (found["cps_status"], found["cps_tags"]) == ("RECOGNISED", ["MIXTE"])
    reason = decided(reason="Comptes non présentés")
    found = await entered(town, registrar, "CPS_SUSPENSION", id, reason)
    assert found["cps_status"] == "SUSPENDED"
    found = await entered(town, registrar, "CPS_WITHDRAWAL", id, reason)
    assert found["cps_status"] == "WITHDRAWN"
    twice = await refused(town, registrar, "CPS_WITHDRAWAL", id, reason)
    assert ("STATUS_STEP_NOT_OPEN", "/type") in twice


async def test_a_cooperative_may_not_suspend_anybody(town: Town) -> None:
    filer = a_filer()
    id = await a_cooperative(town, filer)
    async with town.client("registry", filer) as client:
        wish = a_draft("CPS_SUSPENSION", id, decided(reason="Non"))
        answer = await client.post("/v1/filings", json=wish)
    assert (answer.status_code, problem(answer)["code"]) == (403, "INSUFFICIENT_SCOPE")


async def test_an_agrement_enters_the_record(town: Town) -> None:
    filer = a_filer()
    id = await a_cooperative(town, filer)
    said = decided(action="GRANT", number="ESS-2026-17", authority="MMESS",
                   from_on=today())  # fmt: skip
    found = await entered(town, filer, "ESS_AGREEMENT", id, said)
    assert found["ess_status"] == "GRANTED"
    assert found["ess_agreement"]["number"] == "ESS-2026-17"
    assert found["ess_agreement"].get("to_on") is None


def an_rsc(number: str) -> dict[str, Any]:
    return {
        "number": number,
        "authority": "Préfecture de Sédhiou",
        "issued_on": (clock.today() - timedelta(days=900)).isoformat(),
        "document_id": "d1",
    }


async def test_an_rsc_number_is_recorded_once_under_an_authority(town: Town) -> None:
    filer = a_filer()
    id, other = await a_cooperative(town, filer), await a_cooperative(town, filer)
    number = f"RSC {id[:13]}/2026"
    ids = [{"scheme": "NINEA", "number": "306 7221"}]
    found = await entered(
        town, filer, "RSC_ATTESTATION", id, {**an_rsc(number), "identifiers": ids}
    )
    assert (found["legal_registration"], found["rsc"]["number"]) == ("REGISTERED", number)
    assert [(one["scheme"], one["number"]) for one in found["identifiers"]] == [
        ("NINEA", "306 7221")
    ]
    taken = await refused(town, filer, "RSC_ATTESTATION", other, an_rsc(number.lower()))
    assert ("RSC_NUMBER_TAKEN", "/payload/number") in taken


async def test_two_attestations_of_one_number_race_and_one_wins(town: Town) -> None:
    filer = a_filer()
    ids = [await a_cooperative(town, filer) for _ in range(2)]
    wishes = [a_draft("RSC_ATTESTATION", id, an_rsc(f"RSC {ids[0][:13]}")) for id in ids]
    filings = [await arrived(town, filer, wish) for wish in wishes]
    answers = await asyncio.gather(*(approve(town, filing) for filing in filings))
    assert sorted(answer.status_code for answer in answers) in ([201, 409], [201, 422])
    lost = next(answer for answer in answers if answer.status_code != 201)
    codes = {problem(lost)["code"], *(e["code"] for e in problem(lost).get("errors", []))}
    assert "RSC_NUMBER_TAKEN" in codes


async def test_a_scoops_becomes_a_coop_ca_and_keeps_its_record(town: Town) -> None:
    filer = a_filer()
    people = [a_member(n) for n in range(15)]
    id = await a_cooperative(town, filer, members=people, capital_xof=15 * 25_000)
    before, year = await read(town, id), clock.today().year
    said = decided(
        to_form="COOP_CA",
        name=f"Société coopérative avec conseil d'administration COOP-CA {id}",
        equity_xof=900_000,
        approved_balance_sheets=[f"{year - n}-12-31" for n in (1, 2)],
        report_by="EXPERT",
    )
    found = await entered(town, filer, "TRANSFORMATION", id, said)
    assert (found["id"], found["legal_form"]) == (id, "COOP_CA")
    assert found["registration_number"] == before["registration_number"]
    few = await refused(
        town, filer, "TRANSFORMATION", await a_cooperative(town, filer), said | {"name": "Autre"}
    )
    assert ("TRANSFORMATION_CONDITIONS", "/payload/to_form") in few


async def test_an_association_becomes_a_cooperative_as_a_succession(town: Town) -> None:
    filer = a_filer()
    id = await a_cooperative(town, filer, legal_form="AER", name=f"Association {clock.now()}",
                             share_value_xof=None, capital_xof=None)  # fmt: skip
    said = decided(
        to_form="SCOOPS",
        name=f"Société coopérative simplifiée SCOOPS {id}",
        share_value_xof=5000,
        capital_xof=7 * 25_000,
        rsc=an_rsc(f"RSC {id}"),
    )
    found = await entered(town, filer, "TRANSFORMATION", id, said)
    assert (found["id"], found["legal_form"]) == (id, "SCOOPS")
    assert found["succession"] == {"from_form": "AER", "on": today()}
    assert found["legal_registration"] == "REGISTERED"


async def test_a_legal_person_who_supervised_an_association_supervises_no_scoops(
    town: Town,
) -> None:
    # AUSCOOP art. 258: supervisors are natural persons (R14)
    filer = a_filer()
    people = [a_member(n, kind="LEGAL" if n == 3 else "NATURAL") for n in range(7)]
    id = await a_cooperative(town, filer, legal_form="AER", name=f"Association {clock.now()}",
                             share_value_xof=None, capital_xof=None, members=people)  # fmt: skip
    said = decided(to_form="SCOOPS", name=f"Société coopérative simplifiée SCOOPS {id}")
    found = await refused(town, filer, "TRANSFORMATION", id, said)
    assert ("SUPERVISOR_NOT_NATURAL", "/payload/mandates") in found


async def test_a_cooperative_is_dissolved_and_its_liquidation_closed(town: Town) -> None:
    filer = a_filer()
    id = await a_cooperative(town, filer)
    said = decided(reason="MEMBERS_DECISION", liquidator=LIQUIDATOR)
    found = await entered(town, filer, "DISSOLUTION", id, said)
    assert found["life"] == "IN_LIQUIDATION"
    assert found["liquidation"]["mention"] == "société en liquidation"
    assert found["liquidation"]["liquidator"] == "Awa Ndiaye"
    closing = decided(
        surplus_xof=10, beneficiary="COOPERATIVE", beneficiary_name="Union des productrices"
    )
    members = await refused(
        town, filer, "LIQUIDATION_CLOSE", id, closing | {"beneficiary": "MEMBERS"}
    )
    assert ("LIQUIDATION_INCOMPLETE", "/payload/beneficiary") in members
    # AUSCOOP art. 183-184: personality survives to the publication of the closure
    unpublished = await refused(town, filer, "LIQUIDATION_CLOSE", id, closing)
    assert ("CLOSURE_NOT_PUBLISHED", "/payload/closure/published_on") in unpublished
    published = {"published_in": "Le Soleil, n° 16 402", "published_on": today()}
    found = await entered(town, filer, "LIQUIDATION_CLOSE", id, closing | {"closure": published})
    assert (found["life"], found["liquidation"]["surplus_xof"]) == ("STRUCK_OFF", 10)
    assert published.items() <= found["liquidation"].items()
    async with town.client("registry", filer) as client:
        answer = await client.post("/v1/filings", json=a_draft("DISSOLUTION", id, said))
    assert answer.status_code == 409


async def test_a_record_is_struck_off_on_a_judgment(town: Town) -> None:
    id, registrar = await a_cooperative(town, a_filer()), a_registrar()
    judgment = {"court": "TGI", "reference": "12/2026", "given_on": today()}
    said = decided(ground="COURT_DECISION", reason="Jugement définitif", judgment=judgment)
    bare = await refused(town, registrar, "STRIKE_OFF", id, said | {"judgment": None})
    assert ("STRIKE_OFF_GROUND", "/payload/judgment/reference") in bare
    found = await entered(town, registrar, "STRIKE_OFF", id, said)
    assert (found["life"], found["struck_off"]["reference"]) == ("STRUCK_OFF", "12/2026")


async def test_a_court_dissolves(town: Town) -> None:
    id, registrar = await a_cooperative(town, a_filer()), a_registrar()
    said = decided(court="TGI", reference="7/2026", measure="PROVISIONAL_ADMINISTRATION")
    found = await entered(town, registrar, "COURT_ORDER", id, said)
    assert (found["life"], found["court_order"]["reference"]) == ("REGISTERED", "7/2026")
    said |= {"reference": "8/2026", "measure": "DISSOLUTION", "liquidator": LIQUIDATOR}
    found = await entered(town, registrar, "COURT_ORDER", id, said)
    assert (found["life"], found["liquidation"]["reason"]) == ("IN_LIQUIDATION", "COURT_DECISION")
    said |= {"reference": "9/2026", "measure": "STRIKE_OFF"}
    found = await entered(town, registrar, "COURT_ORDER", id, said)
    assert found["life"] == "STRUCK_OFF"


def an_apex(form: str, founders: list[str]) -> dict[str, Any]:
    people = [
        a_member(n * 3 + i, delegate_of=id, shares=None)
        for n, id in enumerate(founders)
        for i in range(3)
    ]
    return a_registration(
        legal_form=form,
        name=f"{form.title()} {founders[0]} {len(founders)}",
        founders=[{"cooperative_id": id} for id in founders],
        members=people,
        officers=[an_officer(0, "MANAGING", "PRESIDENT")],
        share_value_xof=None,
        capital_xof=None,
    )


async def test_cooperatives_found_a_union_and_unions_a_federation(town: Town) -> None:
    filer = a_filer()
    coops = [await a_cooperative(town, filer) for _ in range(5)]
    union = await entered(town, filer, "REGISTRATION", None, an_apex("UNION", coops[:2]))
    assert (union["legal_form"], union["members_count"]) == ("UNION", 2)
    assert [one["cooperative_id"] for one in union["affiliates"]] == coops[:2]
    taken = await refused(town, filer, "REGISTRATION", None, an_apex("UNION", coops[1:3]))
    assert ("ALREADY_AFFILIATED", "/payload/founders/0/cooperative_id") in taken
    second = await entered(town, filer, "REGISTRATION", None, an_apex("UNION", coops[2:4]))
    both = [union["id"], second["id"]]
    federation = await entered(town, filer, "REGISTRATION", None, an_apex("FEDERATION", both))
    assert (federation["legal_form"], federation["members_count"]) == ("FEDERATION", 2)
    people = [a_member(20 + n, delegate_of=coops[4], shares=None) for n in range(3)]
    joins = decided(joins=[{"cooperative_id": coops[4]}], admissions=people)
    found = await entered(town, filer, "CHANGE_OF_MEMBERSHIP", union["id"], joins)
    assert found["members_count"] == 3
    found = await entered(
        town, filer, "CHANGE_OF_MEMBERSHIP", union["id"], decided(leaves=[coops[4]])
    )
    assert found["members_count"] == 2
    third = await a_cooperative(town, filer)
    free = await refused(town, filer, "REGISTRATION", None, an_apex("UNION", [coops[4], third]))
    assert free == set()


async def test_two_unions_race_for_one_cooperative_and_one_wins(town: Town) -> None:
    filer = a_filer()
    coops = [await a_cooperative(town, filer) for _ in range(3)]
    wishes = [an_apex("UNION", coops[:2]), an_apex("UNION", coops[1:])]
    filings = [await arrived(town, filer, a_draft("REGISTRATION", None, it)) for it in wishes]
    answers = await asyncio.gather(*(approve(town, filing) for filing in filings))
    assert sorted(answer.status_code for answer in answers) in ([201, 409], [201, 422])
    lost = next(answer for answer in answers if answer.status_code != 201)
    codes = {problem(lost)["code"], *(e["code"] for e in problem(lost).get("errors", []))}
    assert "ALREADY_AFFILIATED" in codes


async def test_an_unknown_founder_looks_like_none(town: Town) -> None:
    filer = a_filer()
    coop = await a_cooperative(town, filer)
    stranger = "018f0000-0000-7000-8000-000000000000"
    found = await refused(town, filer, "REGISTRATION", None, an_apex("UNION", [coop, stranger]))
    assert ("APEX_MEMBER_UNKNOWN", "/payload/founders/1/cooperative_id") in found
    assert ("APEX_MEMBERS_BELOW_MINIMUM", "/payload/founders") in found

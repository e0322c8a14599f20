"""Offers and their acceptance: by whom, until when, while what still holds."""

from datetime import timedelta
from typing import Any

import pytest

from chassis import clock
from tests.financing.acts import (
    File,
    accept,
    accepted,
    decide,
    eligible,
    get,
    offered,
    post,
    transmit,
    transmitted,
)
from tests.financing.banks import Bank, a_bank, an_offer, terms
from tests.financing.people import (
    a_completion,
    expect,
    heartbeat,
    tell_certificate,
    tell_cooperative,
)
from tests.town import Town, codes, problem


async def a_live_offer(town: Town) -> tuple[File, Bank, dict[str, Any]]:
    bank = await a_bank(town)
    file, [offer] = await offered(town, bank)
    return file, bank, offer


async def test_offers_are_compared_by_our_own_reckoning(town: Town) -> None:
    one, two = await a_bank(town), await a_bank(town, "SFD")
    file, found = await offered(town, one, two)
    assert {offer["lender_id"] for offer in found} == {one.id, two.id}
    assert {offer["computed"]["total_cost_xof"] for offer in found} == {226_370}
    detail = await get(town, file.owner, f"/v1/offers/{found[0]['id']}")
    assert detail == found[0]
    assert detail["terms"]["annual_rate_percent"] == "10.00"


async def test_an_acceptance_ends_every_other_offer_and_recalls_every_other_lender(
    town: Town,
) -> None:
    one, two, silent = [await a_bank(town) for _ in range(3)]
    file = await transmitted(town, one, two, silent)
    for bank in (one, two):
        assignment = file.assignments[bank.id]
        expect(await decide(town, bank, assignment, an_offer(assignment)), 201)
    address = f"/v1/offers?application_id={file.application['id']}"
    chosen, lost = (await get(town, file.owner, address))["items"]
    answer = await accept(town, file, chosen)
    body = expect(answer, 201)
    assert answer.headers["location"] == f"/v1/financings/{body['financing_id']}"
    assert (body["offer_status"], body["application_status"]) == ("ACCEPTED", "ACCEPTED")
    assert body["signatories"] == ["PRESIDENT", "TREASURER"]
    status = {o["id"]: o["status"] for o in (await get(town, file.owner, address))["items"]}
    assert status == {chosen["id"]: "ACCEPTED", lost["id"]: "LAPSED"}
    place = f"/v1/lender/assignments/{file.assignments[silent.id]['id']}"
    recalled = await get(town, silent.who, place)
    assert recalled["status"] == "RECALLED"
    late = await decide(town, silent, recalled, an_offer(recalled))
    assert (late.status_code, problem(late)["code"]) == (409, "ASSIGNMENT_RECALLED")
    second = await accept(town, file, lost | {"version": lost["version"] + 1})
    assert (second.status_code, problem(second)["code"]) == (409, "OFFER_NOT_LIVE")
    assert problem(second)["current_status"] == "LAPSED"


async def test_an_acceptance_names_the_version_that_was_compared(town: Town) -> None:
    file, _, offer = await a_live_offer(town)
    address = f"/v1/offers/{offer['id']}/acceptances"
    without = await post(town, file.owner, address)
    stale = await accept(town, file, offer | {"version": 9})
    assert (without.status_code, stale.status_code) == (428, 412)


async def test_an_acceptance_is_replayed_under_its_key(town: Town) -> None:
    file, _, offer = await a_live_offer(town)
    first = await accept(town, file, offer, Idempotency_Key="accept-1")
    again = await accept(town, file, offer, Idempotency_Key="accept-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]


@pytest.mark.parametrize(
    "signatories", [["PRESIDENT"], ["PRESIDENT", "PRESIDENT"], ["PRESIDENT", "SECRETARY"]]
)
async def test_only_those_whom_the_assembly_named_sign(town: Town, signatories: list[str]) -> None:
    file, _, offer = await a_live_offer(town)
    answer = await accept(town, file, offer, {"signatories": signatories})
    assert codes(answer) == {"SIGNATORIES_INSUFFICIENT"}


async def test_an_offer_longer_than_the_assembly_allowed_is_not_accepted(town: Town) -> None:
    bank = await a_bank(town)
    file, [offer] = await offered(town, bank)
    reads = town.apps["financing"].state.reads
    await reads.fetch(
        "update application set ag_resolution = jsonb_set(ag_resolution,"
        " '{max_term_months}', '6') where id = $1",
        file.application["id"],
    )
    answer = await accept(town, file, offer)
    assert codes(answer) == {"AG_RESOLUTION_INSUFFICIENT"}


async def test_an_expired_offer_is_not_accepted_even_before_the_timer_passes(town: Town) -> None:
    file, _, offer = await a_live_offer(town)
    with clock.shifted(timedelta(days=21)):
        answer = await accept(town, file, offer)
    body = problem(answer)
    assert (body["code"], body["current_status"]) == ("OFFER_NOT_LIVE", "EXPIRED")


async def test_a_silent_register_stops_an_acceptance(town: Town) -> None:
    file, _, offer = await a_live_offer(town)
    id = file.cooperative["cooperative_id"]
    await heartbeat(town, seconds_ago=61)
    silent = await accept(town, file, offer)
    await heartbeat(town, blocked=(id,))
    blocked = await accept(town, file, offer)
    await heartbeat(town, blocked=("0198a000-0000-7000-8000-000000000000",))
    heard = await accept(town, file, offer)
    for answer in (silent, blocked):
        assert (answer.status_code, problem(answer)["code"]) == (503, "ELIGIBILITY_STALE")
        assert answer.headers["retry-after"] == "5"
    assert heard.status_code == 201


async def test_a_registry_never_heard_vouches_for_nobody(town: Town) -> None:
    file, _, offer = await a_live_offer(town)
    await town.apps["financing"].state.reads.fetch("delete from peer_heard")
    answer = await accept(town, file, offer)
    await heartbeat(town)
    assert problem(answer)["code"] == "ELIGIBILITY_STALE"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "STRUCK_OFF"}, "COOPERATIVE_NOT_ACTIVE"),
        ({"status": "IN_LIQUIDATION"}, "COOPERATIVE_NOT_ACTIVE"),
        ({"organs_complete": False}, "ORGANS_INCOMPLETE"),
    ],
)
async def test_a_cooperative_that_lost_its_standing_accepts_nothing(
    town: Town, change: dict[str, Any], code: str
) -> None:
    """AUSCOOP art. 74 and 98, asked again when money comes nearer."""
    file, _, offer = await a_live_offer(town)
    await tell_cooperative(town, file.cooperative | change, "changed", seq=2)
    answer = await accept(town, file, offer)
    assert (answer.status_code, problem(answer)["code"]) == (409, code)
    assert codes(answer) == {code}


async def test_a_revoked_training_stops_an_acceptance(town: Town) -> None:
    file, _, offer = await a_live_offer(town)
    [training] = await town.apps["financing"].state.reads.fetch(
        "select delegation_id from known_training where initiative_id = $1",
        file.cooperative["initiative_id"],
    )
    completion = a_completion(file.cooperative, delegation_id=str(training["delegation_id"]))
    await tell_certificate(town, completion, "issued", "revoked")
    answer = await accept(town, file, offer)
    assert (answer.status_code, problem(answer)["code"]) == (409, "TRAINING_REQUIRED")


async def test_fewer_members_do_not_stop_what_was_submitted(town: Town) -> None:
    """Policy limits are asked at submission; only the standing is asked again."""
    file, _, offer = await a_live_offer(town)
    await tell_cooperative(town, file.cooperative | {"members_count": 4}, "changed", seq=2)
    expect(await accept(town, file, offer), 201)


async def test_a_withdrawal_after_acceptance_says_why_and_frees_everything(town: Town) -> None:
    bank = await a_bank(town)
    file, financing = await accepted(town, bank)
    bare = await post(town, file.owner, f"{file.address}/withdrawals")
    body = {"reason": "Autre financement obtenu."}
    taken = expect(await post(town, file.owner, f"{file.address}/withdrawals", body), 201)
    assert [f["pointer"] for f in problem(bare)["errors"]] == ["/reason"]
    assert taken["status"] == "WITHDRAWN"
    assert (await get(town, file.owner, financing))["status"] == "CANCELLED"
    address = f"/v1/offers?application_id={file.application['id']}"
    [offer] = (await get(town, file.owner, address))["items"]
    assert offer["status"] == "LAPSED"


async def test_a_file_that_nobody_took_makes_another_round(town: Town) -> None:
    bank, other = await a_bank(town), await a_bank(town)
    file = await transmitted(town, bank)
    assignment = file.assignments[bank.id]
    rejection = {
        "type": "REJECT",
        "terms": None,
        "reason_codes": ["GOVERNANCE"],
    }
    expect(await decide(town, bank, assignment, an_offer(assignment) | rejection), 201)
    refused = await transmit(town, file, bank)
    second = expect(await transmit(town, file, other), 201)
    assert codes(refused) == {"LENDER_NOT_ELIGIBLE"}
    assert (second["round"], second["status"]) == (2, "WITH_LENDERS")


async def test_another_round_needs_the_cooperatives_consent(town: Town) -> None:
    bank, other = await a_bank(town), await a_bank(town)
    file = await eligible(town, consents={"bic": True, "data_sharing": True})
    sent = expect(await transmit(town, file, bank), 201)["assignments"][0]
    body = {"outcome": "DECLINED", "reason_code": "NO_CAPACITY"}
    place = f"/v1/lender/assignments/{sent['assignment_id']}/acknowledgements"
    expect(await post(town, bank.who, place, body), 201)
    answer = await transmit(town, file, other)
    assert codes(answer) == {"CONSENT_MISSING"}
    assert problem(answer)["errors"][0]["params"] == {"consent": "reassignment"}


async def test_rounds_come_to_an_end(town: Town) -> None:
    file = await eligible(town)
    for _ in range(3):
        bank = await a_bank(town)
        sent = expect(await transmit(town, file, bank), 201)["assignments"][0]
        place = f"/v1/lender/assignments/{sent['assignment_id']}/acknowledgements"
        expect(await post(town, bank.who, place, {"outcome": "DECLINED"}), 201)
    answer = await transmit(town, file, await a_bank(town))
    assert (answer.status_code, problem(answer)["code"]) == (409, "ROUNDS_EXHAUSTED")


async def test_the_terms_of_an_offer_are_what_the_lender_signed(town: Town) -> None:
    _, _, offer = await a_live_offer(town)
    asked = terms()
    same = {name: asked[name] for name in asked if name not in ("valid_until", "fees")}
    assert same.items() <= offer["terms"].items()

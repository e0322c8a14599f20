"""Filings whose days come in another order than their approvals, and corrections that say too much.

Each was approved once, and left a record that contradicts itself.
"""

from typing import Any

import pytest

from tests.makers import a_member, a_registration
from tests.registry.people import a_filer, expect
from tests.registry.test_changes import (
    a_registrar,
    approved,
    changed,
    cooperative,
    days_ago,
    filed,
    members,
    read,
)
from tests.town import Identity, Town, codes, problem

LIQUIDATOR = {"family_name": "Ndiaye", "given_names": "Awa"}


async def _ready(town: Town, filer: Identity, *args: Any, **more: Any) -> str:
    made, answer = await filed(town, filer, *args, **more)
    expect(answer, 201)
    return str(made["id"])


async def _free(town: Town, filer: Identity, id: str) -> dict[str, Any]:
    """A member without an office."""
    people = await members(town, filer, id)
    return next(one for one in people if one["birth_year"] == 1991)


def _exit(member: dict[str, Any]) -> dict[str, Any]:
    gone = [{"member_id": member["id"], "reason": "WITHDRAWAL"}]
    return {"exits": gone, "capital_xof": 6 * 5 * 5000}


async def test_who_has_left_since_is_given_no_mandate_before(town: Town) -> None:
    # AUSCOOP: a mandate is held by a member (R18), also on the days after the one of the filing
    filer = a_filer()
    id = await cooperative(town, filer)
    leaver = await _free(town, filer, id)
    seat = {"organ": "SUPERVISORY", "function": "MEMBER", "from_on": days_ago(6)}
    given = {"decided_on": days_ago(6), "mandates": [seat | {"member_id": leaver["id"]}]}
    pending = await _ready(town, filer, "CHANGE_OF_OFFICERS", id, given)
    await changed(
        town, filer, "CHANGE_OF_MEMBERSHIP", id, _exit(leaver) | {"decided_on": days_ago(2)}
    )
    with pytest.raises(AssertionError, match="OFFICER_NOT_MEMBER"):
        await approved(town, filer, pending)


async def test_what_was_said_for_a_later_day_brings_nobody_back(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    leaver = await _free(town, filer, id)
    more = {
        "decided_on": days_ago(1),
        "capital_xof": 36 * 5000,
        "holdings": [{"member_id": leaver["id"], "shares": 6}],
    }
    await changed(town, filer, "CHANGE_OF_CAPITAL", id, more)
    wish = _exit(leaver) | {"decided_on": days_ago(5)}
    _, early = await filed(town, filer, "CHANGE_OF_MEMBERSHIP", id, wish)
    assert "MEMBER_CHANGED_LATER" in codes(early)
    # on the day after, it holds
    await changed(town, filer, "CHANGE_OF_MEMBERSHIP", id, wish | {"decided_on": days_ago(0)})
    assert leaver["id"] not in {one["id"] for one in await members(town, filer, id)}


async def test_nobody_is_a_member_twice_on_a_day_gone_by(town: Town) -> None:
    # R35: the person left yesterday, and was a member on the day of the admission
    filer = a_filer()
    number = "2911111111111"
    people = a_registration()["members"]
    people[6] = a_member(6, nin=number)
    id = await cooperative(town, filer, members=people)
    leaver = await _free(town, filer, id)
    await changed(
        town, filer, "CHANGE_OF_MEMBERSHIP", id, _exit(leaver) | {"decided_on": days_ago(1)}
    )
    again = {
        "decided_on": days_ago(4),
        "admissions": [a_member(8, nin=number, requested_on=days_ago(5))],
        "capital_xof": 40 * 5000,
    }
    _, early = await filed(town, filer, "CHANGE_OF_MEMBERSHIP", id, again)
    assert "MEMBER_DUPLICATE" in codes(early)
    back = again | {"decided_on": days_ago(1), "capital_xof": 35 * 5000}
    await changed(town, filer, "CHANGE_OF_MEMBERSHIP", id, back)
    assert (await read(town, id))["members_count"] == 7


async def test_a_record_that_is_closed_stays_closed(town: Town) -> None:
    # R48-R49: a liquidation that is closed before it began would be open for ever
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    said = {"decided_on": days_ago(2), "reason": "MEMBERS_DECISION", "liquidator": LIQUIDATOR}
    await changed(town, filer, "DISSOLUTION", id, said)
    published = {"published_in": "Le Soleil, n° 16 402", "published_on": days_ago(5)}
    closing = {"surplus_xof": 0, "decided_on": days_ago(5), "closure": published}
    _, early = await filed(town, filer, "LIQUIDATION_CLOSE", id, closing)
    judgment = {"court": "TGI", "reference": "1/2026", "given_on": days_ago(5)}
    strike = {"ground": "COURT_DECISION", "reason": "Jugement", "judgment": judgment}
    _, struck = await filed(town, registrar, "STRIKE_OFF", id, strike | {"decided_on": days_ago(5)})
    order = {"court": "TGI", "reference": "2/2026", "measure": "STRIKE_OFF"}
    _, ordered = await filed(
        town, registrar, "COURT_ORDER", id, order | {"decided_on": days_ago(5)}
    )
    assert all("STATUS_STEP_TOO_EARLY" in codes(one) for one in (early, struck, ordered))
    # AUSCOOP art. 183-184: closed the day before yesterday, it lived on until that was published
    closing |= {"decided_on": days_ago(2), "closure": published | {"published_on": days_ago(1)}}
    await changed(town, filer, "LIQUIDATION_CLOSE", id, closing)
    assert (await read(town, id))["life"] == "STRUCK_OFF"
    assert (await read(town, id, as_of=days_ago(2)))["life"] == "IN_LIQUIDATION"


WRONG_CORRECTIONS: list[tuple[dict[str, Any], str]] = [
    ({"fields": {"name": "SCOOPS Bo\u202ekk"}}, "TEXT_HIDDEN_CHARACTERS"),
    ({"fields": {"object": "zéro\u200blargeur"}}, "TEXT_HIDDEN_CHARACTERS"),
    ({"fields": {"name": ""}}, "FIELD_MISSING"),
    ({"fields": {"name": "Jappoo sans forme"}}, "NAME_FORM_SUFFIX_MISSING"),
    ({"fields": {"seat": {"commune_code": "SN-NO"}}}, "COMMUNE_UNKNOWN"),
    ({"fields": {"sector_codes": ["NO-SUCH"]}}, "ACTIVITY_UNKNOWN"),
    ({"holdings": [{"member_id": "nobody", "shares": 1}]}, "MEMBER_UNKNOWN"),
    ({"mandates": [{"mandate_id": "none", "function": "PRESIDENT"}]}, "MANDATE_UNKNOWN"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "code"), WRONG_CORRECTIONS)
async def test_a_right_value_is_asked_what_the_wrong_one_was(
    town: Town, said: dict[str, Any], code: str
) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    [first] = (await read(town, id, "/revisions"))["items"]
    wish = {"corrects_filing_id": first["filing_id"], "reason": "x"} | said
    _, answer = await filed(town, registrar, "CORRECTION", id, wish)
    assert code in codes(answer)


async def test_a_correction_takes_no_name_from_another(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    other, id = await cooperative(town, a_filer()), await cooperative(town, filer)
    taken = (await read(town, other))["name"]
    [first] = (await read(town, id, "/revisions"))["items"]
    wish = {"corrects_filing_id": first["filing_id"], "reason": "x", "fields": {"name": taken}}
    _, answer = await filed(town, registrar, "CORRECTION", id, wish)
    assert "NAME_ALREADY_USED" in codes(answer)


async def test_a_correction_puts_the_shares_of_who_left_right_and_brings_nobody_back(
    town: Town,
) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    [first] = (await read(town, id, "/revisions"))["items"]
    leaver = await _free(town, filer, id)
    await changed(
        town, filer, "CHANGE_OF_MEMBERSHIP", id, _exit(leaver) | {"decided_on": days_ago(2)}
    )
    second = (await read(town, id, "/revisions"))["items"][1]
    right = {"reason": "x", "holdings": [{"member_id": leaver["id"], "shares": 5}]}
    wrong = {"corrects_filing_id": second["filing_id"]} | right
    _, answer = await filed(town, registrar, "CORRECTION", id, wrong)
    assert "MEMBER_UNKNOWN" in codes(answer)
    await changed(
        town, registrar, "CORRECTION", id, {"corrects_filing_id": first["filing_id"]} | right
    )
    assert leaver["id"] not in {one["id"] for one in await members(town, filer, id)}
    assert (await read(town, id))["members_count"] == 6


async def test_a_colleague_without_the_right_does_not_go_on_with_a_registrars_act(
    town: Town,
) -> None:
    registrar = a_registrar()
    id = await cooperative(town, a_filer())
    colleague = Identity(scope="filings:write", roles=["advisor"], org=registrar.org)
    wish = {"type": "REGISTRAR_NOTE", "cooperative_id": id, "payload": {"subject": "Visite"}}
    async with town.client("registry", registrar) as client:
        made = expect(await client.post("/v1/filings", json=wish), 201)
    path = f"/v1/filings/{made['id']}"
    async with town.client("registry", colleague) as client:
        edited = await client.patch(
            path, json={"payload": {"note": "autre"}}, headers={"If-Match": '"1"'}
        )
        sent = await client.post(f"{path}/submissions", json={})
        back = await client.post(f"{path}/withdrawals", json={})
    for answer in (edited, sent, back):
        assert problem(answer)["code"] == "INSUFFICIENT_SCOPE", answer.text


async def test_five_thousand_enter_at_once_and_the_record_goes_on(town: Town) -> None:
    # one declaration names five thousand at most; a record may hold more
    filer = a_filer()
    id = await cooperative(town, filer)
    people = [
        {"id": f"n{n}", "family_name": "Faye", "given_names": "Awa", "sex": "F", "shares": 1,
         "signed": "SIGNATURE"}
        for n in range(5000)
    ]  # fmt: skip
    wish = {"decided_on": days_ago(1), "admissions": people, "capital_xof": 5035 * 5000}
    await changed(town, filer, "CHANGE_OF_MEMBERSHIP", id, wish)
    assert (await read(town, id))["members_count"] == 5007
    leaver = await _free(town, filer, id)
    gone = [{"member_id": leaver["id"], "reason": "DEATH"}]
    out = {"decided_on": days_ago(0), "exits": gone, "capital_xof": 5030 * 5000}
    await changed(town, filer, "CHANGE_OF_MEMBERSHIP", id, out)
    assert (await read(town, id))["members_count"] == 5006

"""What happens to a cooperative after its registration: each filing from draft to record."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis import clock
from services.registry.present import departures
from tests.financing.people import an_applicant, tell_cooperative
from tests.financing.test_eligibility import eligibility, unfulfilled
from tests.makers import a_member, a_registration
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    expect,
    registered,
)
from tests.registry.privacy import NOTED
from tests.registry.test_filing_rules import coop_ca
from tests.town import Identity, Town, codes, problem


def days_ago(n: int) -> str:
    return (clock.today() - timedelta(days=n)).isoformat()


def origin() -> str:
    """The day on which a cooperative of these tests begins."""
    return days_ago(9)


def a_registrar() -> Identity:
    return Identity(scope="filings:correct", roles=["registrar"], territory=["SN"])


async def cooperative(town: Town, filer: Identity, **changes: Any) -> str:
    """A registered cooperative, true since nine days."""
    from tests.makers import a_filing

    async with town.client("registry", filer) as client:
        wish = a_filing(**changes) | {"effective_on": origin()}
        made = expect(await client.post("/v1/filings", json=wish), 201)
        expect(await client.post(f"/v1/filings/{made['id']}/submissions"), 201)
    return str((await approved(town, filer, made["id"]))["cooperative_id"])


async def filed(
    town: Town,
    filer: Identity,
    type: str,
    cooperative_id: str,
    payload: dict[str, Any],
    **more: Any,
) -> Any:
    wish = {"type": type, "cooperative_id": cooperative_id, "payload": payload} | more
    async with town.client("registry", filer) as client:
        made = expect(await client.post("/v1/filings", json=wish), 201)
        return made, await client.post(f"/v1/filings/{made['id']}/submissions")


async def approved(town: Town, filer: Identity, id: str) -> dict[str, Any]:
    async with town.client("registry", an_instructor()) as client:
        expect(await act(client, {"id": id}, "reviews", {"outcome": "COMPLETE"}), 201)
    async with town.client("registry", filer) as client:
        filing = expect(await client.get(f"/v1/filings/{id}"), 200)
    async with town.client("registry", a_validator()) as client:
        return expect(await decide(client, filing, {"outcome": "APPROVED"}), 201)


async def changed(
    town: Town,
    filer: Identity,
    type: str,
    cooperative_id: str,
    payload: dict[str, Any],
    **more: Any,
) -> dict[str, Any]:
    made, submitted = await filed(town, filer, type, cooperative_id, payload, **more)
    expect(submitted, 201)
    return await approved(town, filer, made["id"])


async def read(town: Town, id: str, what: str = "", **params: str) -> dict[str, Any]:
    async with town.client("registry") as anyone:
        return expect(await anyone.get(f"/v1/cooperatives/{id}{what}", params=params), 200)


async def members(town: Town, filer: Identity, id: str, **params: str) -> list[dict[str, Any]]:
    async with town.client("registry", filer) as client:
        path = f"/v1/cooperatives/{id}/members"
        found: list[dict[str, Any]] = expect(await client.get(path, params=params), 200)["items"]
        return found


async def departures_of(town: Town, id: str) -> list[str]:
    """Where the tables of a cooperative do not say what follows from its effects."""
    reads = town.apps["registry"].state.reads
    async with reads.connection() as connection, connection.transaction():
        return [told async for told in departures(connection) if id in told]


SIMPLE = [
    ("CHANGE_OF_NAME", {"name": "Société coopérative simplifiée SCOOPS Natangué {n}"}, "name"),
    ("CHANGE_OF_OBJECT", {"object": "Élevage", "sector_codes": ["FIL-ANACARDE"]}, "object"),
    ("CHANGE_OF_BYLAWS", {"common_bond": "Femmes du quartier"}, "common_bond"),
]  # fmt: skip


@pytest.mark.parametrize(("type", "payload", "field"), SIMPLE, ids=[s[0] for s in SIMPLE])
async def test_a_change_is_true_from_its_day_and_known_from_its_approval(
    town: Town, type: str, payload: dict[str, Any], field: str
) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    before = await read(town, id)
    wanted = {k: v.format(n=id) if isinstance(v, str) else v for k, v in payload.items()}
    await changed(town, filer, type, id, wanted | {"decided_on": days_ago(3)})
    now = await read(town, id)
    assert now[field] == wanted[field] != before[field]
    assert (await read(town, id, as_of=days_ago(4)))[field] == before[field]
    assert (await read(town, id, as_of=days_ago(3)))[field] == wanted[field]
    assert (await read(town, id, known_at=before["known_at"]))[field] == before[field]
    [change] = [
        one for one in (await read(town, id, "/changes"))["items"]
        if one["revision"] == 2 and one["field"] == field
    ]  # fmt: skip
    assert (change["old"], change["new"], change["type"]) == (before[field], wanted[field], type)


async def test_a_change_declared_late_says_nothing_about_what_was_changed_since(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    first = {"common_bond": "Depuis hier", "decided_on": days_ago(1)}
    await changed(town, filer, "CHANGE_OF_BYLAWS", id, first)
    known = (await read(town, id))["known_at"]
    late = {"common_bond": "Depuis cinq jours", "decided_on": days_ago(5)}
    await changed(town, filer, "CHANGE_OF_BYLAWS", id, late)
    assert (await read(town, id))["common_bond"] == "Depuis hier"
    assert (await read(town, id, as_of=days_ago(2)))["common_bond"] == "Depuis cinq jours"
    then = await read(town, id, as_of=days_ago(2), known_at=known)
    assert then["common_bond"] == "Productrices d'anacarde de la commune"


async def test_what_was_read_is_read_again_as_it_was_known_then(town: Town) -> None:
    # an approval has its instant before it is committed: who read between knew nothing of it
    filer = a_filer()
    id = await cooperative(town, filer)
    seen = await read(town, id)
    with clock.shifted(timedelta(minutes=-1)):
        said = {"common_bond": "Femmes du quartier", "decided_on": days_ago(3)}
        await changed(town, filer, "CHANGE_OF_BYLAWS", id, said)
    again = await read(town, id, as_of=seen["as_of"], known_at=seen["known_at"])
    assert again == seen
    assert (await read(town, id))["common_bond"] == "Femmes du quartier"


DRAWN_ANEW = f"""
with closed as (
  update cooperative_version set recorded = tstzrange(lower(recorded), $2)
  where cooperative_id = $1::text::uuid and upper_inf(recorded){NOTED} returning *
)
insert into cooperative_version
  (id, cooperative_id, revision, filing_id, valid, recorded, public)
select uuidv7(), cooperative_id, revision, filing_id, valid, tstzrange($2, null), public
from closed returning id
"""


async def test_what_was_drawn_anew_ahead_of_a_clock_is_changed_all_the_same(town: Town) -> None:
    # a migration draws at one instant behind everything recorded, whatever the clocks here say
    filer = a_filer()
    id = await cooperative(town, filer)
    drawn = clock.now() + timedelta(minutes=1)
    assert len(await town.apps["registry"].state.reads.fetch(DRAWN_ANEW, id, drawn)) == 1
    said = {"common_bond": "Femmes du quartier", "decided_on": days_ago(3)}
    await changed(town, filer, "CHANGE_OF_BYLAWS", id, said)
    now = await read(town, id)
    assert now["common_bond"] == "Femmes du quartier"
    assert datetime.fromisoformat(now["known_at"]) > drawn
    assert (await read(town, id, as_of=days_ago(4)))["common_bond"] != now["common_bond"]


async def test_a_member_had_not_left_as_long_as_nobody_knew(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    leaver = next(one for one in await members(town, filer, id) if one["birth_year"] == 1991)
    known = clock.wire(clock.now() + timedelta(seconds=1))
    with clock.shifted(timedelta(seconds=2)):
        more = {"decided_on": days_ago(5), "capital_xof": 36 * 5000,
                "holdings": [{"member_id": leaver["id"], "shares": 6}]}  # fmt: skip
        await changed(town, filer, "CHANGE_OF_CAPITAL", id, more)
        gone = {"decided_on": days_ago(2), "capital_xof": 30 * 5000,
                "exits": [{"member_id": leaver["id"], "reason": "WITHDRAWAL"}]}  # fmt: skip
        await changed(town, filer, "CHANGE_OF_MEMBERSHIP", id, gone)
        for day, shares in ((7, 5), (3, 6)):
            held = await members(town, filer, id, as_of=days_ago(day))
            [then] = [one for one in held if one["id"] == leaver["id"]]
            assert (then["shares"], then["left_on"]) == (shares, days_ago(2))
            held = await members(town, filer, id, as_of=days_ago(day), known_at=known)
            [then] = [one for one in held if one["id"] == leaver["id"]]
            assert (then["shares"], then["left_on"]) == (5, None)


async def test_no_two_moments_share_a_validator(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    known = (await read(town, id))["known_at"]
    said = {"common_bond": "Femmes du quartier", "decided_on": days_ago(3)}
    await changed(town, filer, "CHANGE_OF_BYLAWS", id, said)
    moments: list[dict[str, str]] = [
        {},
        {"as_of": days_ago(4)},
        {"as_of": days_ago(2)},
        {"as_of": days_ago(2), "known_at": known},
        {"known_at": known},
    ]
    path, tags = f"/v1/cooperatives/{id}", []
    async with town.client("registry") as anyone:
        for moment in moments:
            tags.append((await anyone.get(path, params=moment)).headers["etag"])
        for moment in moments:
            for tag in tags:
                answer = await anyone.get(path, params=moment, headers={"If-None-Match": tag})
                is_its_own = tag == tags[moments.index(moment)]
                assert answer.status_code == (304 if is_its_own else 200), (moment, tag)
                assert answer.headers["etag"] == tags[moments.index(moment)]
    assert tags[0] == '"2"'
    assert len({*tags}) == len(tags)


async def test_officers_leave_and_enter(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    old = (await read(town, id, "/officers"))["items"]
    [president] = [one for one in old if one["function"] == "PRESIDENT"]
    people = await members(town, filer, id)
    names = (president["family_name"], president["given_names"])
    newcomer = people[-1]
    wish = {
        "decided_on": days_ago(2),
        "ends": [{"mandate_id": president["mandate_id"], "reason": "RESIGNATION"}],
        "mandates": [
            {"member_id": newcomer["id"], "organ": "MANAGING", "function": "PRESIDENT",
             "from_on": days_ago(2), "to_on": "2030-01-01"}
        ],
    }  # fmt: skip
    await changed(town, filer, "CHANGE_OF_OFFICERS", id, wish)
    now = (await read(town, id, "/officers"))["items"]
    [new] = [one for one in now if one["function"] == "PRESIDENT"]
    assert new["family_name"] == newcomer["family_name"]
    assert len(now) == len(old)
    [then] = [
        one for one in (await read(town, id, "/officers", as_of=days_ago(3)))["items"]
        if one["function"] == "PRESIDENT"
    ]  # fmt: skip
    assert (then["family_name"], then["given_names"]) == names
    assert (await read(town, id))["officers"] != (await read(town, id, as_of=days_ago(3)))[
        "officers"
    ]


async def test_who_lost_all_its_managers_is_financed_once_they_are_elected(town: Town) -> None:
    # AUSCOOP art. 98, 223: the organs are in place; who leaves is on record before an election
    filer = a_filer()
    id = await cooperative(town, filer)
    managers = [
        one for one in (await read(town, id, "/officers"))["items"] if one["organ"] == "MANAGING"
    ]
    gone = [{"mandate_id": one["mandate_id"]} for one in managers]
    await changed(town, filer, "CHANGE_OF_OFFICERS", id, {"decided_on": days_ago(2), "ends": gone})
    newcomer = (await members(town, filer, id))[-1]["id"]
    seat = {"member_id": newcomer, "organ": "MANAGING", "function": "PRESIDENT"}
    elected = {"decided_on": days_ago(1), "mandates": [seat | {"from_on": days_ago(1)}]}
    await changed(town, filer, "CHANGE_OF_OFFICERS", id, elected)
    told = await town.apps["registry"].state.reads.fetch(
        "select data from event_log where aggregate = $1 order by seq", f"cooperative/{id}"
    )
    assert [one["data"]["organs_complete"] for one in told] == [True, False, True]
    asks = []
    for seq, (kind, one) in enumerate(
        zip(("registered", "changed", "changed"), told, strict=True), start=1
    ):
        await tell_cooperative(town, one["data"], kind, seq)
        answer = await eligibility(town, an_applicant(org=filer.org), id)
        asks.append("ORGANS_IN_PLACE" in unfulfilled(answer))
    assert asks == [False, True, False]


@pytest.mark.parametrize(
    "said",
    [
        # AUSCOOP art. 292: three directors; of supervisors no confirmed text speaks here (R15)
        coop_ca(),
        {"legal_form": "AER", "officers": a_registration()["officers"][:3]},
    ],
)
async def test_a_lawful_record_without_supervisors_is_told_as_complete(
    town: Town, said: dict[str, Any]
) -> None:
    id = await cooperative(town, a_filer(), **said | {"name": f"{said['legal_form']} {uuid4()}"})
    told = await town.apps["registry"].state.reads.fetch(
        "select data from event_log where aggregate = $1", f"cooperative/{id}"
    )
    assert [one["data"]["organs_complete"] for one in told] == [True]


async def test_a_mandate_ended_on_its_day_and_not_on_that_of_the_filing(town: Town) -> None:
    filer = a_filer()
    rules = [{"functions": ["PRESIDENT"], "signatures": 1}]
    id = await cooperative(town, filer, signing_rules=rules)
    officers = (await read(town, id, "/officers"))["items"]
    [old] = [one for one in officers if one["function"] == "PRESIDENT"]
    known = (await read(town, id))["known_at"]
    newcomer = (await members(town, filer, id))[-1]["id"]
    end = {"mandate_id": old["mandate_id"], "reason": "RESIGNATION", "ended_on": days_ago(5)}
    wish = {
        "decided_on": days_ago(2),
        "ends": [end],
        "mandates": [{"member_id": newcomer, "organ": "MANAGING", "function": "PRESIDENT",
                      "from_on": days_ago(2)}],
    }  # fmt: skip
    for day, code in (
        (days_ago(10), "MANDATE_ENDS_BEFORE_RECORD"),  # it began the day after
        (days_ago(1), "MANDATE_ENDS_LATER"),
        ("2199-01-01", "MANDATE_ENDS_LATER"),
    ):
        wrong = wish | {"ends": [end | {"ended_on": day}]}
        _, answer = await filed(town, filer, "CHANGE_OF_OFFICERS", id, wrong)
        found = {(one["code"], one["pointer"]) for one in problem(answer)["errors"]}
        assert (code, "/payload/ends/0/ended_on") in found
    await changed(town, filer, "CHANGE_OF_OFFICERS", id, wish)
    path = f"/v1/cooperatives/{id}/signing-authority-checks"
    asked = {"persons": [{"mandate_id": old["mandate_id"]}], "amount_xof": 1}
    for ago, then, is_held in ((6, {}, True), (5, {}, False), (3, {}, False),
                               (3, {"known_at": known}, True)):  # fmt: skip
        shown = (await read(town, id, "/officers", as_of=days_ago(ago), **then))["items"]
        assert (old["mandate_id"] in {one["mandate_id"] for one in shown}) == is_held
        public = (await read(town, id, as_of=days_ago(ago), **then))["officers"]
        assert (old["mandate_id"] in {one["mandate_id"] for one in public}) == is_held
        async with town.client("registry", filer) as bank:
            said = expect(await bank.post(path, json=asked | {"on": days_ago(ago)} | then), 200)
        assert (said["result"] == "MAY_BIND") == is_held
    assert len((await read(town, id, "/officers"))["items"]) == len(officers)
    assert await departures_of(town, id) == []


async def test_who_sits_for_a_legal_person_is_kept_with_the_mandate(town: Town) -> None:
    # AUSCOOP art. 296; names of officers are public (art. 70)
    said = a_registration()
    said["members"][2] = a_member(2, kind="LEGAL", family_name="GIE Jappoo", given_names=None)
    who = {"family_name": "Sow", "given_names": "Penda"}
    said["officers"][2]["representative"] = who
    filer = a_filer()
    id = await cooperative(town, filer, members=said["members"], officers=said["officers"])
    await changed(town, filer, "CHANGE_OF_BYLAWS", id,
                  {"common_bond": "Productrices", "decided_on": days_ago(1)})  # fmt: skip
    for officers in (
        (await read(town, id, "/officers"))["items"],
        (await read(town, id))["officers"],
        (await read(town, id, as_of=days_ago(5)))["officers"],
    ):
        shown = {one["function"]: one["representative"] for one in officers}
        assert shown == {"PRESIDENT": None, "SECRETARY": None, "TREASURER": who, "MEMBER": None}
    [first, _] = (await read(town, id, "/revisions"))["items"]
    seat = next(one for one in officers if one["representative"])
    for right in ({"representative": who | {"given_names": "Awa"}}, {"function": "SECRETARY"},
                  {"representative": None}):  # fmt: skip
        terms = [{"mandate_id": seat["mandate_id"], **right}]
        wish = {"corrects_filing_id": first["filing_id"], "reason": "Erreur", "mandates": terms}
        await changed(town, a_registrar(), "CORRECTION", id, wish)
        seat |= right
        for moment in ({}, {"as_of": origin()}):
            shown = (await read(town, id, **moment))["officers"]
            [now] = [one for one in shown if one["mandate_id"] == seat["mandate_id"]]
            assert now == {name: seat[name] for name in now}
        assert await departures_of(town, id) == []


async def test_members_enter_leave_and_hold_more(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    people = await members(town, filer, id)
    leaver = next(one for one in people if one["birth_year"] == 1991)
    wish = {
        "decided_on": days_ago(2),
        "admissions": [
            a_member(90, birth_year=1990, sex="M", shares=2, requested_on=days_ago(20)),
            a_member(91, birth_year=1991, sex="NOT_STATED", shares=1, requested_on=days_ago(20)),
        ],
        "exits": [{"member_id": leaver["id"], "reason": "WITHDRAWAL"}],
        "holdings": [{"member_id": people[0]["id"], "shares": 7}],
        "capital_xof": (5 * 5 + 7 + 2 + 1) * 5000,
    }
    await changed(town, filer, "CHANGE_OF_MEMBERSHIP", id, wish)
    now = await read(town, id)
    counts = ("members_count", "women_count", "men_count", "sex_not_stated_count")
    assert [now[name] for name in counts] == [8, 6, 1, 1]
    present = {one["id"]: one["shares"] for one in await members(town, filer, id)}
    assert leaver["id"] not in present
    assert present[people[0]["id"]] == 7
    then = {one["id"]: one["shares"] for one in await members(town, filer, id, as_of=days_ago(3))}
    assert then[leaver["id"]] == then[people[0]["id"]] == 5
    assert len(then) == 7


async def test_a_capital_changes_with_its_holdings(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    people = await members(town, filer, id)
    wish = {
        "decided_on": days_ago(1),
        "capital_xof": 36 * 5000,
        "holdings": [{"member_id": people[2]["id"], "shares": 6}],
    }
    _, wrong = await filed(town, filer, "CHANGE_OF_CAPITAL", id, wish | {"capital_xof": 1})
    assert "SHARES_TOTAL_MISMATCH" in codes(wrong)
    await changed(town, filer, "CHANGE_OF_CAPITAL", id, wish)
    assert (await read(town, id))["capital_xof"] == 180_000


async def test_a_seat_takes_the_record_to_its_new_authority(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    wish = {"decided_on": days_ago(1), "seat": {"commune_code": "SN-MT-KA1-1"}}
    await changed(town, filer, "CHANGE_OF_SEAT", id, wish)
    now, then = await read(town, id), await read(town, id, as_of=days_ago(2))
    assert (now["region_code"], then["region_code"]) == ("SN-MT", "SN-SE")
    async with town.client("registry") as anyone:
        found = await anyone.get(
            "/v1/cooperatives", params={"place": "SN-MT", "q": now["name"].split()[-1]}
        )
    assert [one["id"] for one in found.json()["items"]] == [id]


async def test_a_correction_stands_beside_what_it_corrects(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    [first] = (await read(town, id, "/revisions"))["items"]
    known = (await read(town, id))["known_at"]
    later = {"object": "Pêche", "decided_on": days_ago(2)}
    await changed(town, filer, "CHANGE_OF_OBJECT", id, later)
    wish = {
        "corrects_filing_id": first["filing_id"],
        "reason": "Faute de frappe",
        "fields": {"object": "Transformation de noix de cajou"},
    }
    await changed(town, registrar, "CORRECTION", id, wish)
    # what was said later about the same thing still holds; what was wrong is right from the start
    assert (await read(town, id))["object"] == "Pêche"
    assert (await read(town, id, as_of=origin()))["object"] == "Transformation de noix de cajou"
    wrong = await read(town, id, as_of=origin(), known_at=known)
    assert wrong["object"] == "Transformation et vente de noix de cajou"
    flagged, _, correction = (await read(town, id, "/revisions"))["items"]
    assert flagged["corrected_by"] == [correction["filing_id"]]
    assert correction["corrects"] == flagged["filing_id"]


async def test_a_correction_says_only_what_the_filing_said(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    await changed(
        town, filer, "CHANGE_OF_BYLAWS", id, {"common_bond": "Lien", "decided_on": days_ago(1)}
    )
    second = (await read(town, id, "/revisions"))["items"][1]
    wish = {"corrects_filing_id": second["filing_id"], "reason": "x", "fields": {"name": "Autre"}}
    _, answer = await filed(town, registrar, "CORRECTION", id, wish)
    assert "CORRECTION_BEYOND_FILING" in codes(answer)


async def test_a_note_changes_nothing_and_is_on_record(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    before = await read(town, id)
    await changed(town, registrar, "REGISTRAR_NOTE", id, {"subject": "Visite", "note": "Vu"})
    after = await read(town, id)
    assert {k: v for k, v in after.items() if k != "known_at"} == {
        k: v for k, v in before.items() if k != "known_at"
    }
    assert (await read(town, id, "/revisions"))["items"][1]["type"] == "REGISTRAR_NOTE"


@pytest.mark.parametrize(
    ("on", "code"),
    [("1950-01-01", "EFFECTIVE_BEFORE_REGISTRATION"), ("2100-01-01", "DATE_IN_FUTURE")],
)
async def test_a_note_takes_effect_between_the_registration_and_today(
    town: Town, on: str, code: str
) -> None:
    # ADR 33: what takes effect is never in the future; before the record there is nothing to note
    registrar = a_registrar()
    id = await cooperative(town, a_filer())
    said = {"subject": "Visite", "note": "Vu"}
    _, answer = await filed(town, registrar, "REGISTRAR_NOTE", id, said, effective_on=on)
    assert codes(answer) == {code}


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("CHANGE_OF_NAME", {}, "FIELD_MISSING"),
    ("CHANGE_OF_NAME", {"name": "Sans forme"}, "NAME_FORM_SUFFIX_MISSING"),
    ("CHANGE_OF_SEAT", {"seat": {"commune_code": "SN-XX"}}, "COMMUNE_UNKNOWN"),
    ("CHANGE_OF_OBJECT", {"object": "microcrédit"}, "REGULATED_ACTIVITY"),
    ("CHANGE_OF_OBJECT", {}, "NOTHING_CHANGES"),
    ("CHANGE_OF_MEMBERSHIP", {"exits": [{"member_id": "x"}]}, "MEMBER_UNKNOWN"),
    ("CHANGE_OF_MEMBERSHIP", {"holdings": [{"member_id": "x"}]}, "MEMBER_UNKNOWN"),
    ("CHANGE_OF_OFFICERS", {"ends": [{"mandate_id": "x"}]}, "MANDATE_UNKNOWN"),
    ("CHANGE_OF_OFFICERS", {"mandates": [{"member_id": "x"}]}, "OFFICER_NOT_MEMBER"),
    ("CHANGE_OF_CAPITAL", {"capital_xof": 5}, "SHARES_TOTAL_MISMATCH"),
]


@pytest.mark.parametrize(("type", "payload", "code"), WRONG)
async def test_what_is_wrong_is_named(
    town: Town, type: str, payload: dict[str, Any], code: str
) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    _, answer = await filed(town, filer, type, id, payload | {"decided_on": days_ago(1)})
    assert code in codes(answer)


async def test_a_member_in_office_does_not_leave(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    people = await members(town, filer, id)
    wish = {
        "decided_on": days_ago(1),
        "exits": [{"member_id": people[0]["id"], "reason": "DEATH"}],
    }
    _, answer = await filed(town, filer, "CHANGE_OF_MEMBERSHIP", id, wish)
    assert "MEMBER_HOLDS_MANDATE" in codes(answer)


async def test_a_cooperative_keeps_its_minimum(town: Town) -> None:
    """AUSCOOP art. 204: a SCOOPS has at least five members."""
    filer = a_filer()
    id = await cooperative(town, filer)
    free = await members(town, filer, id)
    holders = {one["mandate_id"] for one in (await read(town, id, "/officers"))["items"]}
    ends = [{"mandate_id": one} for one in sorted(holders)[3:]]
    wish = {"decided_on": days_ago(1), "exits": [
        {"member_id": one["id"], "reason": "WITHDRAWAL"} for one in free[4:]
    ]}  # fmt: skip
    _, answer = await filed(town, filer, "CHANGE_OF_MEMBERSHIP", id, wish)
    assert "MEMBERS_BELOW_MINIMUM" in codes(answer)
    assert ends


async def test_nobody_is_a_member_twice(town: Town) -> None:
    """R35: found by the keyed hash of the number, whatever the spelling."""
    filer = a_filer()
    founder = a_member(6)
    id = await cooperative(town, filer, members=[*(a_member(n) for n in range(6)), founder])
    spelt = f"{founder['nin'][:6]} {founder['nin'][6:]}"
    again = a_member(95, birth_year=1991, nin=spelt, requested_on=days_ago(3), shares=0)
    wish = {"decided_on": days_ago(1), "admissions": [again]}
    _, answer = await filed(town, filer, "CHANGE_OF_MEMBERSHIP", id, wish)
    assert "MEMBER_DUPLICATE" in codes(answer)


async def test_a_foreign_cooperative_looks_like_none(town: Town) -> None:
    id = await cooperative(town, a_filer())
    for about in (id, "01890000-0000-7000-8000-000000000000"):
        wish = {"type": "CHANGE_OF_NAME", "cooperative_id": about, "payload": {"name": "x"}}
        async with town.client("registry", a_filer()) as client:
            answer = await client.post("/v1/filings", json=wish)
        assert [one["code"] for one in problem(answer)["errors"]] == ["COOPERATIVE_UNKNOWN"]


async def test_only_a_registrar_corrects(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    wish = {"type": "CORRECTION", "cooperative_id": id, "payload": {}}
    async with town.client("registry", filer) as client:
        answer = await client.post("/v1/filings", json=wish)
    assert (answer.status_code, problem(answer)["code"]) == (403, "INSUFFICIENT_SCOPE")


async def test_a_dry_run_names_everything_and_stores_nothing(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    wish = {"type": "CHANGE_OF_OFFICERS", "cooperative_id": id, "payload": {
        "ends": [{"mandate_id": "no"}], "mandates": [{"member_id": "nobody"}]}}  # fmt: skip
    async with town.client("registry", filer) as client:
        said = expect(await client.post("/v1/filings?validate_only=true", json=wish), 200)
        mine = expect(await client.get("/v1/filings"), 200)["items"]
    found = {one["code"] for one in said["findings"]}
    assert found >= {"FIELD_MISSING", "MANDATE_UNKNOWN", "OFFICER_NOT_MEMBER"}
    assert [one["type"] for one in mine] == ["REGISTRATION"]


async def test_registration_fields_of_the_story_are_kept(town: Town) -> None:
    decision = await registered(town, a_filer())
    items = (await read(town, decision["cooperative_id"], "/changes"))["items"]
    assert {one["revision"] for one in items} == {1}
    assert all(one["old"] is None for one in items)

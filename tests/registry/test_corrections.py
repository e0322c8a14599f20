"""What a correction reaches beside fields, shares and mandates: returns, RSC numbers, agréments."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis import clock
from services.registry.history.rules import Change, Happening, Part, state_on
from services.registry.public_view import public_view
from services.registry.standing import by_year
from tests.registry.people import a_filer
from tests.registry.test_changes import (
    a_registrar,
    changed,
    cooperative,
    days_ago,
    departures_of,
    filed,
    members,
    read,
)
from tests.registry.test_filing_types import an_rsc
from tests.town import Identity, Town, codes, problem

YEAR = clock.today().year - 1


def met_in(year: int) -> str:
    """The day of an assembly in that year, which is not still to come."""
    return min(clock.today(), date(year, 3, 10)).isoformat()


def a_return(year: int = YEAR, **figures: int) -> dict[str, Any]:
    accounts = {
        "turnover_xof": 12_000_000,
        "equity_xof": 900_000,
        "balance_sheet_xof": 3_000_000,
        "net_surplus_xof": 0,
    }
    return {
        "year_end_on": f"{year}-12-31",
        "assembly_on": met_in(year + 1),
        "auditor": "Cabinet Sow",
        "accounts": accounts | figures,
    }


def right(wrong: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {"corrects_filing_id": wrong["filing_id"], "reason": "Erreur de saisie", **said}


async def test_a_return_is_put_right_and_what_it_said_is_kept(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    wrong = await changed(town, filer, "ANNUAL_RETURN", id, a_return(), effective_on=days_ago(3))
    known = (await read(town, id))["known_at"]
    accounts = {"net_surplus_xof": 100_000}
    said: dict[str, Any] = {"accounts": accounts, "auditor": "Cabinet Ba"}
    _, refused = await filed(town, registrar, "CORRECTION", id, right(wrong, annual_return=said))
    # art. 114 asks of the right surplus what it asks of any
    assert "RESERVE_BELOW_MINIMUM" in codes(refused)
    assert {one["pointer"] for one in problem(refused)["errors"]} <= {
        "/payload/annual_return/accounts/to_general_reserve_xof",
        "/payload/annual_return/accounts/to_training_reserve_xof",
    }
    said["accounts"] |= {"to_general_reserve_xof": 20_000, "to_training_reserve_xof": 20_000}
    await changed(town, registrar, "CORRECTION", id, right(wrong, annual_return=said))
    assert (await read(town, id))["last_return"]["auditor"] == "Cabinet Ba"
    assert (await read(town, id, as_of=days_ago(3)))["last_return"]["auditor"] == "Cabinet Ba"
    then = await read(town, id, known_at=known)
    assert then["last_return"]["auditor"] == "Cabinet Sow"


async def test_a_return_of_the_wrong_year_is_put_where_it_belongs(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    wrong = await changed(town, filer, "ANNUAL_RETURN", id, a_return(YEAR - 1))
    await changed(town, filer, "ANNUAL_RETURN", id, a_return(YEAR - 2))
    moved = {"year_end_on": f"{YEAR - 2}-12-31", "assembly_on": met_in(YEAR - 1)}
    _, taken = await filed(town, registrar, "CORRECTION", id, right(wrong, annual_return=moved))
    assert "RETURN_ALREADY_FILED" in codes(taken)
    moved = {"year_end_on": f"{YEAR}-12-31", "assembly_on": met_in(YEAR + 1)}
    await changed(town, registrar, "CORRECTION", id, right(wrong, annual_return=moved))
    assert (await read(town, id))["last_return"]["year_end_on"] == f"{YEAR}-12-31"
    # the year for which it stood by mistake has no return now, and may be returned
    await changed(town, filer, "ANNUAL_RETURN", id, a_return(YEAR - 1))
    # the filing says nothing of that year any more: its return is another filing's
    again = right(wrong, annual_return={"auditor": "Cabinet Fall"})
    _, answer = await filed(town, registrar, "CORRECTION", id, again)
    assert "CORRECTION_BEYOND_FILING" in codes(answer)
    _, twice = await filed(town, filer, "ANNUAL_RETURN", id, a_return(YEAR))
    assert "RETURN_ALREADY_FILED" in codes(twice)


async def test_a_late_return_of_an_earlier_year_is_not_the_last(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    await changed(town, filer, "ANNUAL_RETURN", id, a_return(), effective_on=days_ago(4))
    await changed(town, filer, "ANNUAL_RETURN", id, a_return(YEAR - 1), effective_on=days_ago(2))
    assert (await read(town, id))["last_return"]["year_end_on"] == f"{YEAR}-12-31"


async def test_an_rsc_number_is_put_right_with_its_proof_and_stays_one_of_a_kind(
    town: Town,
) -> None:
    filer, registrar = a_filer(), a_registrar()
    id, other = [await cooperative(town, filer) for _ in range(2)]
    number = f"RSC {uuid4().hex}"
    numbers = [{"scheme": "NINEA", "number": "306 7221"}]
    said = {**an_rsc(number), "identifiers": numbers}
    wrong = await changed(town, filer, "RSC_ATTESTATION", id, said)
    await changed(town, filer, "RSC_ATTESTATION", other, an_rsc(f"{number}B"))
    proven = {name: an_rsc("")[name] for name in ("authority", "issued_on")}
    bare = right(wrong, rsc={"number": f"{number}C"})
    taken = right(wrong, rsc=an_rsc(f"{number}b"))
    beyond = right(wrong, identifiers=[{"scheme": "RCCM", "number": "1"}])
    found = [codes((await filed(town, registrar, "CORRECTION", id, w))[1])
             for w in (bare, taken, beyond)]  # fmt: skip
    assert "RSC_PROOF_REQUIRED" in found[0]
    assert "RSC_NUMBER_TAKEN" in found[1]
    assert "CORRECTION_BEYOND_FILING" in found[2]
    fixed = {"rsc": an_rsc(f"{number}C"), "identifiers": [{"scheme": "NINEA", "number": "3067221"}]}
    await changed(town, registrar, "CORRECTION", id, right(wrong, **fixed))
    now = await read(town, id)
    assert now["rsc"] == {"number": f"{number}C", **proven}
    assert [one["number"] for one in now["identifiers"]] == ["3067221"]


async def test_the_terms_of_an_agrement_are_put_right_and_later_ones_hold(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    granted = {"action": "GRANT", "number": "ESS-1", "authority": "MMESS", "from_on": days_ago(5)}
    wrong = await changed(town, filer, "ESS_AGREEMENT", id, granted | {"decided_on": days_ago(5)})
    ended = {"action": "EXPIRE", "to_on": days_ago(1), "decided_on": days_ago(1)}
    await changed(town, filer, "ESS_AGREEMENT", id, ended)
    early = right(wrong, ess_agreement={"to_on": days_ago(9)})
    _, answer = await filed(town, registrar, "CORRECTION", id, early)
    assert "PERIOD_ENDS_FIRST" in codes(answer)
    terms = {"number": "ESS-17", "to_on": days_ago(2)}
    await changed(town, registrar, "CORRECTION", id, right(wrong, ess_agreement=terms))
    now, then = await read(town, id), await read(town, id, as_of=days_ago(4))
    assert now["ess_agreement"]["number"] == "ESS-17"
    assert now["ess_agreement"]["to_on"] == days_ago(1)
    assert then["ess_agreement"]["to_on"] == days_ago(2)
    assert now["ess_status"] == "EXPIRED"


async def test_a_correction_says_no_return_where_there_was_none(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    [first] = (await read(town, id, "/revisions"))["items"]
    for said in (
        {"annual_return": {"auditor": "Cabinet Ba"}},
        {"ess_agreement": {"number": "1"}},
        {"rsc": an_rsc("1")},
    ):
        _, answer = await filed(town, registrar, "CORRECTION", id, right(first, **said))
        assert "CORRECTION_BEYOND_FILING" in codes(answer), said
    _, nothing = await filed(town, registrar, "CORRECTION", id, right(first, annual_return={}))
    assert "NOTHING_CHANGES" in codes(nothing)


async def test_a_mandate_is_put_right_not_before_what_gave_it(town: Town) -> None:
    # AUSCOOP art. 294 (R20): as the filing said when it was decided, also for a second correction
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    [first] = (await read(town, id, "/revisions"))["items"]
    mandate = (await read(town, id))["officers"][0]["mandate_id"]
    assembly, before = days_ago(10), days_ago(11)
    early = {"mandates": [{"mandate_id": mandate, "from_on": before}]}
    _, refused = await filed(town, registrar, "CORRECTION", id, right(first, **early))
    found = {(one["code"], one["pointer"]) for one in problem(refused)["errors"]}
    assert found == {("ELECTION_EVIDENCE_MISSING", "/payload/mandates/0/from_on")}
    held = {"mandates": [{"mandate_id": mandate, "from_on": assembly, "to_on": days_ago(1)}]}
    once = await changed(town, registrar, "CORRECTION", id, right(first, **held))
    _, refused = await filed(town, registrar, "CORRECTION", id, right(once, **early))
    assert "ELECTION_EVIDENCE_MISSING" in codes(refused)
    await changed(town, registrar, "CORRECTION", id, right(once, **held))
    assert (await read(town, id))["officers"][0]["from_on"] == assembly


async def test_null_empties_what_may_be_empty_and_what_was_said_is_kept(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    said = {"cps_tags": ["ANACARDE"], "decided_on": days_ago(2), "action": "RECOGNISE"}
    wrong = await changed(town, filer, "ANNUAL_RETURN", id, a_return(), effective_on=days_ago(3))
    known = (await read(town, id))["known_at"]
    empty = right(wrong, annual_return={"auditor": None})
    await changed(town, registrar, "CORRECTION", id, empty)
    assert (await read(town, id))["last_return"]["auditor"] is None
    then = await read(town, id, as_of=days_ago(3), known_at=known)
    assert then["last_return"]["auditor"] == "Cabinet Sow"
    tagged = await changed(town, filer, "CPS_RECOGNITION", id, said)
    await changed(town, registrar, "CORRECTION", id, right(tagged, fields={"cps_tags": None}))
    assert (await read(town, id))["cps_tags"] == []
    *_, last = (await read(town, id, "/changes"))["items"]
    assert (last["field"], last["old"], last["new"]) == ("cps_tags", ["ANACARDE"], [])


async def test_null_empties_nothing_that_the_law_asks_for(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    [first] = (await read(town, id, "/revisions"))["items"]
    [officer, *_] = (await read(town, id, "/officers"))["items"]
    fields = dict.fromkeys(("name", "seat", "object", "common_bond", "capital_xof"))
    mandates = [{"mandate_id": officer["mandate_id"], "from_on": None}]
    said = right(first, fields=fields, mandates=mandates)
    _, refused = await filed(town, registrar, "CORRECTION", id, said)
    assert {one["pointer"] for one in problem(refused)["errors"]} >= {
        *(f"/payload/fields/{name}" for name in fields),
        "/payload/mandates/0/from_on",
    }
    ends = [{"mandate_id": officer["mandate_id"], "to_on": f"{YEAR + 4}-01-01"}]
    await changed(town, registrar, "CORRECTION", id, right(first, mandates=ends))
    [then] = [one for one in (await read(town, id, "/officers"))["items"]
              if one["mandate_id"] == officer["mandate_id"]]  # fmt: skip
    open_end = [{"mandate_id": officer["mandate_id"], "to_on": None}]
    await changed(town, registrar, "CORRECTION", id, right(first, mandates=open_end))
    [now] = [one for one in (await read(town, id, "/officers"))["items"]
             if one["mandate_id"] == officer["mandate_id"]]  # fmt: skip
    assert (then["to_on"], now["to_on"]) == (f"{YEAR + 4}-01-01", None)


FIRST: dict[str, Any] = {
    "name": "Jappoo", "legal_form": "SCOOPS", "registered_on": "2026-01-01",
    "identifiers": [{"scheme": "RCCM", "number": "1"}, {"scheme": "NINEA", "number": "2"},
                    {"scheme": "RCCM", "number": "3"}],
    "ess_agreement": {"number": "E", "authority": "M"},
    "return/2024": a_return(2024), "last_return": {"year_end_on": "2024-12-31"},
}  # fmt: skip


@pytest.fixture
def before_entries() -> list[Happening]:
    """An effect of the time when these fields were assigned whole."""
    said = [Change(Part.FIELD, name, value) for name, value in FIRST.items()]
    return [Happening(uuid4(), 1, clock.today(), said)]


def test_effects_that_assigned_a_field_whole_are_read_as_they_were(
    before_entries: list[Happening],
) -> None:
    shown = public_view(UUID(int=1), state_on(before_entries, clock.today()), {})
    for name in ("identifiers", "ess_agreement", "last_return"):
        assert shown[name] == FIRST[name]


def test_an_entry_goes_beside_what_was_assigned_whole(before_entries: list[Happening]) -> None:
    new = {
        "identifiers.NINEA": [{"scheme": "NINEA", "number": "4"}],
        "ess_agreement.to_on": "2027-01-01",
        "returns.2023": a_return(2023),
    }
    said = [Change(Part.FIELD, name, value) for name, value in new.items()]
    happenings = [*before_entries, Happening(uuid4(), 2, clock.today(), said)]
    state = state_on(happenings, clock.today())
    shown = public_view(UUID(int=1), state, {})
    assert sorted(one["number"] for one in shown["identifiers"]) == ["1", "3", "4"]
    assert shown["ess_agreement"] == {"number": "E", "authority": "M", "to_on": "2027-01-01"}
    assert shown["last_return"]["year_end_on"] == "2024-12-31"
    assert [*by_year(state)] == ["2024", "2023"]


async def _unseated(
    town: Town, filer: Identity, function: str
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A cooperative one of whose officers left five days ago, as a filing of three days later said:
    the record, the mandate, the filing."""
    id = await cooperative(town, filer)
    [old] = [one for one in (await read(town, id))["officers"] if one["function"] == function]
    newcomer = (await members(town, filer, id))[-1]["id"]
    seat = {"member_id": newcomer, "organ": "MANAGING", "function": function}
    said = {
        "decided_on": days_ago(2),
        "ends": [{"mandate_id": old["mandate_id"], "ended_on": days_ago(5)}],
        "mandates": [seat | {"from_on": days_ago(2)}],
    }
    return id, old, await changed(town, filer, "CHANGE_OF_OFFICERS", id, said)


async def _told(town: Town, id: str) -> list[dict[str, Any]]:
    """What the last filing changed, page after page."""
    [*_, last] = (await read(town, id, "/revisions"))["items"]
    page, found = await read(town, id, "/changes", limit="1"), list[dict[str, Any]]()
    while page["next_cursor"]:
        found += page["items"]
        page = await read(town, id, "/changes", limit="1", cursor=page["next_cursor"])
    return [one for one in found + page["items"] if one["filing_id"] == last["filing_id"]]


async def _officers_are_told(town: Town, id: str, known: str) -> None:
    """That the last filing changed the officers is told, with what was and is read of them."""
    told = await _told(town, id)
    assert {one["field"] for one in told} == {"officers"}
    for one in told:
        for value, at in (("old", known), ("new", one["recorded_at"])):
            then = await read(town, id, as_of=one["since"], known_at=at)
            assert then["officers"] == one[value]


async def test_the_day_on_which_a_mandate_ended_is_put_right(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id, old, wrong = await _unseated(town, filer, "PRESIDENT")
    [first, _] = (await read(town, id, "/revisions"))["items"]
    seat = {"mandate_id": old["mandate_id"]}
    others = [one for one in (await read(town, id))["officers"] if one["function"] != "PRESIDENT"]
    for said, code, place in (
        # AUSCOOP art. 18 (R19), as its declaration was asked; the record began nine days ago
        ([seat | {"ended_on": days_ago(11)}], "MANDATE_DATES", "0/ended_on"),
        ([seat | {"ended_on": days_ago(10)}], "MANDATE_ENDS_BEFORE_RECORD", "0/ended_on"),
        ([seat | {"ended_on": days_ago(-1)}], "DATE_IN_FUTURE", "0/ended_on"),
        ([seat, seat], "MANDATE_UNKNOWN", "1/mandate_id"),
        ([{"mandate_id": others[0]["mandate_id"]}], "CORRECTION_BEYOND_FILING", "0/mandate_id"),
    ):
        _, refused = await filed(town, registrar, "CORRECTION", id, right(wrong, ends=said))
        found = {(one["code"], one["pointer"]) for one in problem(refused)["errors"]}
        assert (code, f"/payload/ends/{place}") in found
    assert [(one["field"], one["since"], one["effective_on"]) for one in await _told(town, id)] == [
        ("officers", days_ago(ago), days_ago(2)) for ago in (5, 2)
    ]
    ended, corrects, moments = 5, wrong, []
    for day in (3, 7, 4, 2):
        *_, last = (await read(town, id, "/revisions"))["items"]
        moments.append((ended, last["recorded_at"]))
        # the right day is told of the filing or of what put it right before; none: that of effect
        said = [seat if day == 2 else seat | {"ended_on": days_ago(day)}]
        about = right(wrong if day == 4 else corrects, ends=said)
        corrects, ended = await changed(town, registrar, "CORRECTION", id, about), day
        assert await departures_of(town, id) == []
        await _officers_are_told(town, id, last["recorded_at"])
        for until, then in (*((on, {"known_at": at}) for on, at in moments), (ended, {})):
            for ago in range(1, 9):
                officers = (await read(town, id, as_of=days_ago(ago), **then))["officers"]
                held = [one["mandate_id"] for one in officers]
                assert (old["mandate_id"] in held) == (ago > until), (day, until, ago)
    # what is put right of its terms is right until it ended
    terms = [seat | {"to_on": days_ago(0)}]
    await changed(town, registrar, "CORRECTION", id, right(first, mandates=terms))
    for ago in (8, 6, 3):
        shown = (await read(town, id, as_of=days_ago(ago)))["officers"]
        [then] = [one for one in shown if one["mandate_id"] == old["mandate_id"]]
        assert then["to_on"] == days_ago(0)
    assert await departures_of(town, id) == []


@pytest.mark.parametrize("code", ["OFFICER_NOT_MEMBER", "MANDATE_INCOMPATIBLE"])
async def test_who_held_a_mandate_for_longer_did_it_lawfully(town: Town, code: str) -> None:
    # a member holds it (R18), and nobody manages and supervises (AUSCOOP art. 258, R16)
    filer, registrar = a_filer(), a_registrar()
    id, old, wrong = await _unseated(town, filer, "SECRETARY")
    [holder] = [one["id"] for one in await members(town, filer, id) if one["birth_year"] == 1986]
    if code == "OFFICER_NOT_MEMBER":
        type, said = "CHANGE_OF_MEMBERSHIP", {
            "capital_xof": 30 * 5000, "exits": [{"member_id": holder, "reason": "WITHDRAWAL"}]
        }  # fmt: skip
    else:
        seat = {"member_id": holder, "organ": "SUPERVISORY", "function": "MEMBER"}
        type, said = "CHANGE_OF_OFFICERS", {"mandates": [seat | {"from_on": days_ago(4)}]}
    await changed(town, filer, type, id, said | {"decided_on": days_ago(4)})
    for day, is_lawful in ((None, False), (1, False), (3, False), (4, True), (8, True)):
        right_end = {"ended_on": days_ago(day)} if day else {"is_undone": True}
        ends = [{"mandate_id": old["mandate_id"], **right_end}]
        _, answer = await filed(town, registrar, "CORRECTION", id, right(wrong, ends=ends))
        assert answer.is_success == is_lawful, answer.text
        if not is_lawful:
            found = {(one["code"], one["pointer"]) for one in problem(answer)["errors"]}
            # beside who was elected since, there is one too many (art. 223, R11)
            more = {("COMMITTEE_SIZE", "/payload/ends")} if day in (None, 1) else set()
            assert found == {(code, "/payload/ends")} | more


async def test_a_mandate_that_never_ended_is_held_again(town: Town) -> None:
    # somebody else had left, as another filing says
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    before = (await read(town, id))["officers"]
    stayed, left = [one["mandate_id"] for one in before if one["organ"] == "SUPERVISORY"][:2]
    said = {"decided_on": days_ago(4), "ends": [{"mandate_id": stayed}]}
    wrong = await changed(town, filer, "CHANGE_OF_OFFICERS", id, said)
    in_fact = {"decided_on": days_ago(4), "ends": [{"mandate_id": left}]}
    await changed(town, filer, "CHANGE_OF_OFFICERS", id, in_fact)

    async def held(ago: int) -> set[str]:
        shown = (await read(town, id, "/officers", as_of=days_ago(ago)))["items"]
        return {one["mandate_id"] for one in shown} & {stayed, left}

    for right_end, days in (
        ({"ended_on": days_ago(2)}, [{stayed, left}, {stayed}, set()]),
        ({"is_undone": True}, [{stayed, left}, {stayed}, {stayed}]),
        ({"ended_on": days_ago(0)}, [{stayed, left}, {stayed}, {stayed}]),
        ({"is_undone": True}, [{stayed, left}, {stayed}, {stayed}]),
    ):
        ends = [{"mandate_id": stayed, **right_end}]
        await changed(town, registrar, "CORRECTION", id, right(wrong, ends=ends))
        assert [await held(ago) for ago in (5, 3, 1)] == days
        assert (stayed in await held(0)) == ("is_undone" in right_end)
        assert await departures_of(town, id) == []
    *_, now = (await read(town, id, "/changes"))["items"]
    assert (now["field"], now["new"]) == ("officers", (await read(town, id))["officers"])

"""The ten computed alerts: signs for people to look, from what is on record and nothing else."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis import clock
from services.registry.alerts.rules import activity, raised, readings
from services.registry.alerts.service import BATCH, keep_alerts, refresh
from services.registry.alerts.states import Activity, AlertCode, AlertStatus
from services.registry.history.rules import Change, Happening, Part, State, state_on
from services.registry.law.models import LawRule
from services.registry.law.rules import Law
from services.registry.limits import months_after_year_end
from services.registry.standing import Standing
from tests.house.services import defined
from tests.makers import an_officer
from tests.registry.people import a_filer, an_instructor, expect
from tests.registry.test_changes import changed, cooperative, read
from tests.town import Identity, Town

TODAY = date(2026, 6, 1)
ROWS = Path(__file__).parents[2] / "services/registry/law/rules.csv"


def the_law(form: str) -> Law:
    with ROWS.open(encoding="utf-8") as file:
        rows: list[Any] = [dict(row) for row in csv.DictReader(file) if row["is_on"] == "yes"]
    return Law([LawRule(**row) for row in rows], form)


def a_mandate(n: int, organ: str, **days: Any) -> dict[str, Any]:
    held = {"member_id": f"m{n}", "organ": organ, "function": "MEMBER"}
    return held | {"from_on": "2024-02-01", "to_on": "2027-01-31"} | days


SEATED = [a_mandate(n, "MANAGING") for n in range(3)] + [
    a_mandate(n, "SUPERVISORY") for n in range(3, 6)
]


def a_return(year: int, **accounts: Any) -> dict[str, Any]:
    figures = {"turnover_xof": 1_000_000, "balance_sheet_xof": 9, "paid_up_capital_xof": 900}
    met = {"year_end_on": f"{year}-12-31", "assembly_on": f"{year + 1}-03-01", "auditor": None}
    return met | {"accounts": figures | accounts}


def standing(
    *returns: dict[str, Any],
    form: str = "SCOOPS",
    members: int = 7,
    mandates: list[dict[str, Any]] = SEATED,
    sent_on: date | None = TODAY,
    today: date = TODAY,
    **fields: Any,
) -> Standing:
    said: dict[str, Any] = {"legal_form": form, "life": "REGISTERED", "capital_xof": 900}
    said |= {"registered_on": "2024-02-01"} | fields
    for one in returns:
        said["return/" + one["year_end_on"][:4]] = one
        said["last_return"] = {k: one[k] for k in ("year_end_on", "assembly_on", "auditor")}
    changes = [Change(Part.FIELD, key, value) for key, value in said.items()]
    changes += [Change(Part.MEMBER, f"m{n}", {"sex": "F", "shares": 1}) for n in range(members)]
    changes += [Change(Part.MANDATE, f"o{n}", one) for n, one in enumerate(mandates)]
    begun = Happening(uuid4(), 1, date(2024, 2, 1), changes)
    return Standing(today, state_on([begun], today), (begun,), sent_on)


def told(code: AlertCode, one: Standing) -> Any:
    law = the_law(str(one.state.fields["legal_form"]))
    return next(found.told for found in readings(one, law) if found.code == code)


R, C, N, X = (
    AlertStatus.RAISED, AlertStatus.CLEAR, AlertStatus.NOT_STATED, AlertStatus.NOT_APPLICABLE
)  # fmt: skip
OVER = {"to_on": "2026-02-28"}
GONE = [one | OVER if one["organ"] == "MANAGING" else one for one in SEATED]
BIG: dict[str, Any] = {"turnover_xof": 100_000_001, "balance_sheet_xof": 5_000_001}
PROVEN: dict[str, Any] = {"rsc": {"number": "1", "issued_on": "2023-01-01"}}
CA: dict[str, Any] = {"form": "COOP_CA"}

CASES: list[tuple[str, AlertCode, Standing, AlertStatus, str | None]] = [
    # art. 178-179: no managing, administrative or supervisory body for three months
    ("seated", AlertCode.A1, standing(), C, None),
    ("three months empty", AlertCode.A1, standing(mandates=GONE), R, "2026-06-01"),
    ("three months of a month's last day", AlertCode.A1,
     standing(mandates=[one | {"to_on": "2026-02-27"} for one in SEATED], today=date(2026, 5, 28)),
     R, "2026-05-28"),
    ("a day less", AlertCode.A1, standing(mandates=GONE, today=date(2026, 5, 31)), C, None),
    ("nobody ever", AlertCode.A1, standing(mandates=[]), N, None),
    # art. 257: the commission comes as soon as the number of members allows
    ("too few to supervise", AlertCode.A1, standing(members=5, mandates=SEATED[:3]), C, None),
    ("five of how many", AlertCode.A1,
     standing(members=5, mandates=SEATED[:3], stated_counts={"members": None}), N, None),
    # R15 rests on memory alone: of no other form a supervision is asked
    *((f"a board alone of a {form}", AlertCode.A1, standing(form=form, mandates=SEATED[:3]), C,
       None) for form in ("COOP_CA", "UNION", "FEDERATION")),
    ("a board that is gone", AlertCode.A1, standing(form="COOP_CA", mandates=GONE[:3]), R,
     "2026-06-01"),
    ("no form of AUSCOOP", AlertCode.A1, standing(form="AER"), X, None),
    # art. 110: accounts are approved within six months of the end of the year
    ("year shown", AlertCode.A2, standing(a_return(2025)), C, None),
    ("last day", AlertCode.A2, standing(a_return(2024), today=date(2026, 6, 30)), C, None),
    ("a day late", AlertCode.A2, standing(a_return(2024), today=date(2026, 7, 1)), R, "2026-07-01"),
    ("no year known", AlertCode.A2, standing(), N, None),
    # art. 178-179: two consecutive years without annual assemblies
    ("one year", AlertCode.A3, standing(a_return(2024), today=date(2027, 6, 30)), C, None),
    ("two years", AlertCode.A3, standing(a_return(2023), today=date(2026, 7, 1)), R, "2026-07-01"),
    # art. 178-179: one year without sending the documents asked
    ("sent", AlertCode.A4, standing(sent_on=date(2025, 6, 1)), C, None),
    ("a year silent", AlertCode.A4, standing(sent_on=date(2025, 5, 31)), R, "2026-06-01"),
    ("nobody knows", AlertCode.A4, standing(sent_on=None), N, None),
    # art. 178-179: no activity for two consecutive years
    ("active", AlertCode.A5, standing(a_return(2025)), C, None),
    ("one empty year", AlertCode.A5, standing(a_return(2024), a_return(2025, turnover_xof=0)), C,
     None),
    ("two empty years", AlertCode.A5,
     standing(a_return(2024, turnover_xof=0), a_return(2025, turnover_xof=0)), R, "2025-12-31"),
    ("not two in a row", AlertCode.A5,
     standing(a_return(2023, turnover_xof=0), a_return(2025, turnover_xof=0)), N, None),
    ("figure not stated", AlertCode.A5, standing(a_return(2025, turnover_xof=None)), N, None),
    ("no return", AlertCode.A5, standing(), N, None),
    # art. 178-179: no operations within two years of registration
    ("young", AlertCode.A6, standing(registered_on="2024-06-01"), C, None),
    ("never began", AlertCode.A6,
     standing(a_return(2025, turnover_xof=0), registered_on="2023-12-31"), R, "2026-01-01"),
    ("nothing said", AlertCode.A6, standing(registered_on="2023-12-31"), N, None),
    ("began", AlertCode.A6, standing(a_return(2025), registered_on="2023-12-31"), C, None),
    # art. 204: five members; art. 267: fifteen
    ("enough", AlertCode.A7, standing(members=5), C, None),
    ("four", AlertCode.A7, standing(members=4), R, "2024-02-01"),
    ("fourteen", AlertCode.A7, standing(members=14, **CA), R, "2024-02-01"),
    ("nobody named", AlertCode.A7, standing(members=0), N, None),
    ("one of how many", AlertCode.A7,
     standing(members=1, stated_counts={"members": None}), N, None),
    ("by a list", AlertCode.A7, standing(members=0, stated_counts={"members": 40}), C, None),
    # art. 18: the statutes say how long mandates last
    ("in force", AlertCode.A8, standing(), C, None),
    ("expired", AlertCode.A8, standing(mandates=GONE), R, "2026-03-01"),
    ("no end stated", AlertCode.A8, standing(mandates=[a_mandate(0, "MANAGING", to_on=None)]), N,
     None),
    # art. 270: the balance of the capital within three years of the registration in the RSC
    ("paid", AlertCode.A9, standing(a_return(2025), **CA, **PROVEN), C, None),
    ("unpaid", AlertCode.A9, standing(a_return(2025, paid_up_capital_xof=899), **CA, **PROVEN), R,
     "2026-01-02"),
    ("still time", AlertCode.A9,
     standing(a_return(2025, paid_up_capital_xof=1), today=date(2026, 1, 1), **CA, **PROVEN), C,
     None),
    ("not in the RSC", AlertCode.A9, standing(a_return(2025), **CA), N, None),
    ("of a SCOOPS", AlertCode.A9, standing(a_return(2025), **PROVEN), X, None),
    # art. 121: more than 1,000 members, 100 million and 5 million, all three
    ("all three", AlertCode.A10, standing(a_return(2025, **BIG), members=1001, **CA), R,
     "2025-12-31"),
    ("not the members", AlertCode.A10, standing(a_return(2025, **BIG), members=1000, **CA), C,
     None),
    ("with an auditor", AlertCode.A10,
     standing(a_return(2025, **BIG) | {"auditor": "Cabinet Ndiaye"}, members=1001, **CA), C, None),
    ("no accounts", AlertCode.A10, standing(members=1001, **CA), N, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code", "one", "status", "since"), CASES, ids=[f"{c[1]}-{c[0]}" for c in CASES]
)
def test_an_alert_says_what_the_record_says(
    name: str, code: AlertCode, one: Standing, status: AlertStatus, since: str | None
) -> None:
    found = told(code, one)
    assert (found.status, found.since.isoformat() if found.since else None) == (status, since)


def test_every_alert_can_be_raised_and_has_its_article() -> None:
    assert {code for _, code, _, status, _ in CASES if status == R} == set(AlertCode)
    for form in ("SCOOPS", "COOP_CA"):
        for one in readings(standing(form=form), the_law(form)):
            assert one.norm is None or (one.norm.law_ref and one.norm.confidence in "AB")


def test_activity_follows_from_what_stands() -> None:
    law = the_law("SCOOPS")
    assert activity(readings(standing(a_return(2025)), law), law) == Activity.FUNCTIONAL
    assert activity(readings(standing(a_return(2025), mandates=GONE), law), law) == Activity.ALERT
    late = readings(standing(a_return(2022)), law)
    assert AlertCode.A3 in {one.code for one in raised(late)}
    assert activity(late, law) == Activity.DORMANT


@pytest.mark.parametrize(
    ("today", "status"),
    [(date(2026, 5, 20), C), (date(2026, 8, 19), C), (date(2026, 8, 20), R)],
)
@pytest.mark.parametrize("form", ["COOP_CA", "AER"])
def test_a_supervision_is_missed_from_the_form_on_that_needs_it(
    form: str, today: date, status: AlertStatus
) -> None:
    # art. 178-179, 257: three months without the commission that a SCOOPS has, and other forms not
    left = [one | OVER if one["organ"] == "SUPERVISORY" else one for one in SEATED]
    before = standing(form=form, mandates=left).happenings
    became = Happening(uuid4(), 2, date(2026, 5, 20), [Change(Part.FIELD, "legal_form", "SCOOPS")])
    known = (*before, became)
    found = told(AlertCode.A1, Standing(today, state_on(known, today), known, today))
    since = date(2026, 8, 20) if status == R else None
    assert (found.status, found.since) == (status, since)


@pytest.mark.parametrize("life", ["IN_LIQUIDATION", "STRUCK_OFF", "ABSORBED"])
def test_nothing_is_expected_of_a_record_that_ends(life: str) -> None:
    law = the_law("SCOOPS")
    assert readings(standing(members=1, life=life), law) == []
    assert activity([], law) is None


def test_an_empty_record_has_no_alert() -> None:
    assert readings(Standing(TODAY, State()), the_law("SCOOPS")) == []


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [("2025-08-31", 6, "2026-02-28"), ("2023-12-31", 6, "2024-06-30"),
     ("2025-06-30", 6, "2025-12-31"), ("2027-02-28", 12, "2028-02-29"),
     ("2026-02-28", 12, "2027-02-28"), ("2025-11-30", 3, "2026-02-28"),
     ("2026-01-15", 24, "2028-01-15")],
)  # fmt: skip
def test_months_after_a_year_end_where_months_end(day: str, months: int, last: str) -> None:
    assert months_after_year_end(date.fromisoformat(day), months) == date.fromisoformat(last)


async def alerts(town: Town, id: str, who: Identity | None = None, **params: str) -> Any:
    async with town.client("registry", who) as client:
        path = f"/v1/cooperatives/{id}/alerts"
        return expect(await client.get(path, params=params), 200)


IN_A_YEAR = timedelta(days=400)


def ending() -> list[dict[str, Any]]:
    soon = (clock.today() + timedelta(days=30)).isoformat()
    organs = ["MANAGING"] * 3 + ["SUPERVISORY"] * 3
    functions = ["PRESIDENT", "SECRETARY", "TREASURER", "MEMBER", "MEMBER", "MEMBER"]
    return [
        an_officer(n, organ, function) | {"to_on": soon}
        for n, (organ, function) in enumerate(zip(organs, functions, strict=True))
    ]


async def test_the_public_sees_what_follows_from_what_is_published(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, officers=ending())
    public = await alerts(town, id)
    assert (public["activity"], public["basis"]) == ("FUNCTIONAL", "PUBLIC")
    assert [one["code"] for one in public["alerts"]] == ["A1", "A2", "A3", "A7", "A8"]
    assert public["not_stated"] == ["A2", "A3"]
    for who in (filer, an_instructor()):
        whole = await alerts(town, id, who)
        assert (whole["basis"], len(whole["alerts"])) == ("ALL", 10)
    for who in (a_filer(), an_instructor("SN-DK")):
        assert (await alerts(town, id, who))["alerts"] == public["alerts"]
    later = await alerts(town, id, filer, as_of=(clock.today() + IN_A_YEAR).isoformat())
    by_code = {one["code"]: one for one in later["alerts"]}
    assert {code for code, one in by_code.items() if one["status"] == "RAISED"} == {
        "A1",
        "A4",
        "A8",
    }
    assert by_code["A8"]["params"] == {"count": 6}
    assert by_code["A4"]["confidence"] == "B"
    async with town.client("registry") as anyone:
        answer = await anyone.get(f"/v1/cooperatives/{uuid4()}/alerts")
    assert answer.status_code == 404


async def every_alert(client: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    """Those in the territory of the client, page by page: others left some there."""
    found, address = list[dict[str, Any]](), f"/v1/alerts?limit=200&{query}"
    while address:
        page = expect(await client.get(address), 200)
        found += page["items"]
        address = (page["next"] or "").removeprefix("http://gateway")
    return found


async def told_of(town: Town, id: str) -> list[tuple[str, str]]:
    async with town.owner("registry") as owner:
        rows = await owner.fetch(
            "select type, data from event_log where aggregate = $1 and type like '%alert%'"
            " order by seq", f"cooperative/{id}",
        )  # fmt: skip
    return [(row["type"].split(".")[-2], row["data"]["code"]) for row in rows]


async def look_again(town: Town, id: str) -> int:
    async with town.apps["registry"].state.database.transaction() as session:
        return await refresh(session, [UUID(id)])


async def test_an_alert_begins_and_ends_once_and_nothing_dissolves_by_itself(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, officers=ending())
    agent = an_instructor()
    assert await look_again(town, id) == 1
    assert await look_again(town, id) == 0  # the same day, the same record: nothing to do
    assert await told_of(town, id) == []
    with clock.shifted(IN_A_YEAR):
        assert await look_again(town, id) == 1
        assert await look_again(town, id) == 0
    begun = [("began", "A1"), ("began", "A4"), ("began", "A8")]
    assert await told_of(town, id) == begun
    async with town.client("registry", agent) as client:
        listed = await every_alert(client, "activity=ALERT")
        assert {one["code"] for one in listed if one["cooperative_id"] == id} == {"A1", "A4", "A8"}
        only = expect(await client.get("/v1/alerts", params={"code": "A8"}), 200)["items"]
        assert {one["code"] for one in only} == {"A8"}
    async with town.client("registry", an_instructor("SN-DK")) as client:
        far = await every_alert(client)
        assert id not in {one["cooperative_id"] for one in far}
    async with town.client("registry") as anyone:
        record = expect(await anyone.get(f"/v1/cooperatives/{id}"), 200)
    assert (record["life"], record["revision"]) == ("REGISTERED", 1)
    assert await look_again(town, id) == 1  # back today: they end, each once
    ended = [("ended", "A1"), ("ended", "A4"), ("ended", "A8")]
    assert sorted(await told_of(town, id)) == sorted([*begun, *ended])


async def test_one_record_that_cannot_be_read_hides_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    filer = a_filer()
    broken, sound = await cooperative(town, filer), await cooperative(town, filer)
    number = (await read(town, broken))["registration_number"]

    def fragile(one: Standing, law: Law) -> Any:
        if one.state.fields["registration_number"] == number:
            raise ValueError("a day that no calendar holds")
        return readings(one, law)

    monkeypatch.setattr("services.registry.alerts.service.readings", fragile)
    ids = [UUID(broken), UUID(sound)]
    async with town.apps["registry"].state.database.transaction() as session:
        assert await refresh(session, ids) == 2
    async with town.owner("registry") as owner:
        rows = await owner.fetch("select * from activity where cooperative_id = any($1)", ids)
    seen = {str(row["cooperative_id"]): row["activity"] for row in rows}
    assert seen == {broken: None, sound: "FUNCTIONAL"}


async def test_what_a_filing_changes_is_looked_at_again_the_same_day(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    await look_again(town, id)
    wish = {"decided_on": clock.today().isoformat(), "common_bond": "Autre lien"}
    await changed(town, filer, "CHANGE_OF_BYLAWS", id, wish)
    assert await look_again(town, id) == 1


async def test_the_timer_looks_at_a_bounded_batch_and_changes_no_record(town: Town) -> None:
    id = await cooperative(town, a_filer())
    app = town.apps["registry"]
    async with town.owner("registry") as owner:
        before = await owner.fetch("select id, life, version from cooperative order by id")
        assert 0 < await keep_alerts(app) <= BATCH
        while await keep_alerts(app):
            pass
        after = await owner.fetch("select id, life, version from cooperative order by id")
        seen = await owner.fetchval("select checked_on from activity where cooperative_id = $1", id)
    assert before == after
    assert seen == clock.today()


def test_the_timer_is_one_of_the_registry() -> None:
    assert "keep_alerts" in {timer.name for timer in defined("registry").timers}

"""What a cooperative owes, until when, and the calendar of it."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from icalendar import Calendar

from chassis import clock
from services.registry.fields import FilingType
from services.registry.obligations.rules import Draft, Obligation, obligations
from services.registry.obligations.states import ObligationKind, ObligationStatus
from tests.registry.people import a_filer, an_instructor, expect
from tests.registry.test_alerts import (
    CA,
    PROVEN,
    SEATED,
    a_mandate,
    a_return,
    alerts,
    ending,
    standing,
    the_law,
)
from tests.registry.test_changes import a_registrar, changed, cooperative, days_ago
from tests.town import Identity, Town

K, S = ObligationKind, ObligationStatus


def owed(kind: ObligationKind, one: Any, drafts: tuple[Draft, ...] = ()) -> list[Obligation]:
    law = the_law(str(one.state.fields["legal_form"]))
    return [found for found in obligations(one, law, drafts) if found.kind == kind]


def said(found: list[Obligation]) -> list[tuple[str, str | None, str]]:
    return [(o.subject, o.due_on.isoformat() if o.due_on else None, o.status.value) for o in found]


def test_the_assembly_is_due_six_months_after_each_year() -> None:
    # AUSCOOP art. 110
    found = owed(K.ANNUAL_ASSEMBLY, standing(a_return(2024), today=date(2026, 7, 1)))
    assert said(found) == [
        ("2024-12-31", "2025-06-30", "FULFILLED"),
        ("2025-12-31", "2026-06-30", "OVERDUE"),
        ("2026-12-31", "2027-06-30", "OPEN"),
    ]
    assert {one.filing_type for one in found} == {FilingType.ANNUAL_RETURN}
    assert found[1].norm is not None
    assert found[1].norm.law_ref == "AUSCOOP art. 110"
    assert said(owed(K.ANNUAL_ASSEMBLY, standing())) == [("", None, "NOT_STATED")]


def test_the_day_of_the_return_is_a_proposal_and_nobody_is_late_under_it() -> None:
    found = owed(K.ANNUAL_RETURN, standing(a_return(2023)))
    assert said(found)[0] == ("2024-12-31", "2025-07-30", "OPEN")
    assert all(one.is_proposal and one.norm is None for one in found)


def test_mandates_end_when_the_statutes_say() -> None:
    # AUSCOOP art. 18
    over = [a_mandate(9, "MANAGING", to_on="2026-05-31"), a_mandate(8, "MANAGING", to_on=None)]
    assert said(owed(K.MANDATES_END, standing(mandates=SEATED + over))) == [
        ("MANAGING", "2026-05-31", "OVERDUE"),
        ("MANAGING", "2027-01-31", "OPEN"),
        ("SUPERVISORY", "2027-01-31", "OPEN"),
        ("MANAGING", None, "NOT_STATED"),
    ]


def test_a_change_is_declared_within_thirty_days() -> None:
    id = uuid4()
    for decided, status in ((date(2026, 5, 2), "OPEN"), (date(2026, 5, 1), "OVERDUE")):
        draft = Draft(id, FilingType.CHANGE_OF_NAME, decided)
        [found] = owed(K.CHANGE_DECLARATION, standing(), (draft,))
        assert (found.due_on, found.status) == (decided + timedelta(days=30), status)
        assert (found.is_public, found.filing_type) == (False, FilingType.CHANGE_OF_NAME)


@pytest.mark.parametrize(
    ("paid", "today", "proven", "status"),
    [
        (900, date(2026, 6, 1), PROVEN, "FULFILLED"),
        (899, date(2026, 1, 1), PROVEN, "OPEN"),
        (899, date(2026, 1, 2), PROVEN, "OVERDUE"),
        (None, date(2026, 1, 2), PROVEN, "NOT_STATED"),
        (899, date(2026, 1, 2), {}, "NOT_STATED"),
    ],
)
def test_capital_is_paid_within_three_years_of_the_rsc(
    paid: int | None, today: date, proven: dict[str, Any], status: str
) -> None:
    # AUSCOOP art. 270
    said_of_2024 = a_return(2024, paid_up_capital_xof=paid)
    [found] = owed(K.CAPITAL, standing(said_of_2024, today=today, **CA, **proven))
    assert (found.status, found.is_public) == (status, False)
    assert found.due_on == (date(2026, 1, 1) if proven else None)


@pytest.mark.parametrize(
    ("members", "mandates", "expected"),
    [(6, SEATED[:3], ["OPEN"]), (5, SEATED[:3], []), (7, SEATED, ["FULFILLED"]),
     (0, SEATED[:3], ["NOT_STATED"])],
)  # fmt: skip
def test_a_commission_comes_as_soon_as_the_members_allow(
    members: int, mandates: list[dict[str, Any]], expected: list[str]
) -> None:
    # AUSCOOP art. 257
    found = owed(K.SUPERVISION, standing(members=members, mandates=mandates))
    assert [one.status for one in found] == expected


def test_nothing_is_owed_by_a_record_that_ends_and_no_list_is_without_end() -> None:
    law = the_law("SCOOPS")
    assert obligations(standing(a_return(2024), life="STRUCK_OFF"), law) == []
    assert len(obligations(standing(a_return(1930), today=date.max), law)) < 30


async def owes(town: Town, id: str, who: Identity | None = None, **params: str) -> Any:
    async with town.client("registry", who) as client:
        path = f"/v1/cooperatives/{id}/obligations"
        return expect(await client.get(path, params=params), 200)


async def test_everybody_sees_what_is_public_and_the_cooperative_its_drafts(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, officers=ending())
    draft = {"type": "CHANGE_OF_OBJECT", "cooperative_id": id,
             "payload": {"decided_on": days_ago(5), "object": "Pêche"}}  # fmt: skip
    async with town.client("registry", filer) as client:
        made = expect(await client.post("/v1/filings", json=draft), 201)
    public = await owes(town, id)
    kinds = [(one["kind"], one["subject"], one["status"]) for one in public["items"]]
    assert kinds == [
        ("MANDATES_END", "MANAGING", "OPEN"),
        ("MANDATES_END", "SUPERVISORY", "OPEN"),
        ("ANNUAL_ASSEMBLY", "", "NOT_STATED"),
        ("SUPERVISION", "", "FULFILLED"),
    ]
    for who in (filer, an_instructor()):
        whole = await owes(town, id, who)
        [mine] = [one for one in whole["items"] if one["kind"] == "CHANGE_DECLARATION"]
        assert (whole["basis"], mine["filing_id"]) == ("ALL", made["id"])
    assert (await owes(town, id, a_filer()))["items"] == public["items"]
    late = await owes(town, id, as_of=(clock.today() + timedelta(days=31)).isoformat())
    assert [one["overdue_days"] for one in late["items"]][:2] == [1, 1]
    for question in ("9999-12-31", "2200-01-02"):
        assert await owes(town, id, as_of=question)
        assert await alerts(town, id, as_of=question)


@pytest.mark.parametrize(
    ("who", "type", "payload"),
    [(a_registrar(), "STRIKE_OFF", {"ground": "COURT_DECISION"}),
     (a_registrar(), "COURT_ORDER", {"measure": "DISSOLUTION"}),
     (a_registrar(), "CPS_SUSPENSION", {"reason": "Contrôle"}),
     (None, "CPS_RECOGNITION", {"action": "ACCEPT"})],
    ids=["strike-off", "court-order", "cps-suspension", "cps-recognition"],
)  # fmt: skip
async def test_what_an_authority_decides_is_no_obligation_and_is_not_told(
    town: Town, who: Identity | None, type: str, payload: dict[str, Any]
) -> None:
    # the thirty days (R26) are for changes that the cooperative decides, and what the registrar
    # prepares is the registrars' to know
    filer = a_filer()
    id = await cooperative(town, filer)
    draft = {"type": type, "cooperative_id": id, "payload": payload | {"decided_on": days_ago(40)}}
    async with town.client("registry", who or filer) as client:
        made = expect(await client.post("/v1/filings", json=draft), 201)
    for reader in (filer, an_instructor()):
        items = (await owes(town, id, reader))["items"]
        assert made["id"] not in {one["filing_id"] for one in items}


async def test_a_return_that_is_filed_is_seen(town: Town) -> None:
    filer, year = a_filer(), clock.today().year - 1
    met = min(clock.today(), date(year + 1, 5, 10))  # which is not still to come
    id = await cooperative(town, filer)
    figures = {"turnover_xof": 12_000_000, "equity_xof": 900_000, "balance_sheet_xof": 3_000_000,
               "net_surplus_xof": 0}  # fmt: skip
    wish = {"year_end_on": f"{year}-12-31", "assembly_on": met.isoformat(),
            "accounts": figures}  # fmt: skip
    await changed(town, filer, "ANNUAL_RETURN", id, wish)
    items = (await owes(town, id))["items"]
    years = [(o["due_on"], o["status"]) for o in items if o["kind"] == "ANNUAL_ASSEMBLY"]
    assert years == [(f"{year + 1}-06-30", "FULFILLED"), (f"{year + 2}-06-30", "OPEN")]
    seen = {one["code"]: one["status"] for one in (await alerts(town, id, filer))["alerts"]}
    assert [seen[code] for code in ("A2", "A3", "A5")] == ["CLEAR"] * 3
    late = await alerts(town, id, filer, as_of=f"{year + 2}-07-01")
    assert "A2" in {one["code"] for one in late["alerts"] if one["status"] == "RAISED"}


async def test_a_telephone_subscribes_to_the_calendar(town: Town) -> None:
    name = "Société coopérative simplifiée SCOOPS Noix, cajou; fils & filles " + uuid4().hex
    id = await cooperative(town, a_filer(), officers=ending(), name=name)
    async with town.client("registry") as anyone:
        path = f"/v1/cooperatives/{id}/obligations.ics"
        answer = await anyone.get(path)
        english = await anyone.get(path, headers={"Accept-Language": "en"})
        absent = await anyone.get(f"/v1/cooperatives/{uuid4()}/obligations.ics")
    assert (answer.status_code, absent.status_code) == (200, 404)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    # RFC 5545 §3.1: lines end with CRLF and are folded at 75 octets; §3.3.11: text is escaped
    lines = answer.content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in b"".join(lines)
    unfolded = answer.content.replace(b"\r\n ", b"").decode()
    assert "Noix\\, cajou\\; fils" in unfolded
    read = Calendar.from_ical(answer.content)
    events = list(read.walk("VEVENT"))
    due = clock.today() + timedelta(days=30)
    assert [event.decoded("dtstart") for event in events] == [due, due]
    assert all(name in str(event["summary"]) for event in events)
    uids = {str(event["uid"]) for event in events}
    assert len(uids) == 2
    again = Calendar.from_ical(english.content)
    assert {str(event["uid"]) for event in again.walk("VEVENT")} == uids
    assert "Mandates end" in english.text
    assert "Diatta" not in unfolded  # nobody's name

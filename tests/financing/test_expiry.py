"""What time ends, and what it leaves alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis import clock
from chassis.clock import months_after
from services.financing.dates import working_days_after
from services.financing.expiry.service import expire_due
from tests.financing.acts import accepted, decide, get, offered, post, submitted, transmitted
from tests.financing.banks import a_bank, an_offer, terms
from tests.financing.people import expect
from tests.town import Town, problem

_AT_ONCE = 100


async def everything(town: Town) -> int:
    """The timer ends a hundred at a time, and other tests may have left more; how many it did."""
    total = found = await expire_due(town.apps["financing"])
    while found >= _AT_ONCE:
        found = await expire_due(town.apps["financing"])
        total += found
    return total


async def later(town: Town, **shift: float) -> None:
    """The timer wakes after a while."""
    with clock.shifted(timedelta(**shift)):
        await everything(town)


async def status_of(town: Town, who: Any, address: str) -> str:
    return str((await get(town, who, address))["status"])


async def test_a_lender_who_never_acknowledges_loses_its_turn(town: Town) -> None:
    bank, quick = await a_bank(town), await a_bank(town)
    file = await transmitted(town, bank, quick)
    slow, fast = (file.assignments[b.id] for b in (bank, quick))
    there = f"/v1/lender/assignments/{fast['id']}"
    expect(await post(town, quick.who, f"{there}/acknowledgements"), 201)
    await later(town, days=5)
    address = f"/v1/lender/assignments/{slow['id']}"
    assert await status_of(town, bank.who, address) == "EXPIRED"
    assert await status_of(town, quick.who, there) == "ACKNOWLEDGED"
    assert await status_of(town, file.owner, file.address) == "WITH_LENDERS"
    now = await get(town, bank.who, address)
    late = await decide(town, bank, now, an_offer(slow))
    body = problem(late)
    assert (late.status_code, body["code"]) == (409, "ASSIGNMENT_EXPIRED")
    assert (body["decision_due_at"][:19], body["round"]) == (slow["decision_due_at"][:19], 1)


async def test_when_the_last_lender_is_late_nobody_took_the_file(town: Town) -> None:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    await later(town, days=15)
    assert await status_of(town, file.owner, file.address) == "UNPLACED"


async def test_a_late_decision_is_refused_before_the_timer_passes(town: Town) -> None:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    assignment = file.assignments[bank.id]
    with clock.shifted(timedelta(days=15)):
        answer = await decide(town, bank, assignment, an_offer(assignment))
    assert problem(answer)["code"] == "ASSIGNMENT_EXPIRED"


async def test_an_offer_ends_with_its_validity(town: Town) -> None:
    bank = await a_bank(town)
    file, [offer] = await offered(town, bank)
    await later(town, days=19)
    assert await status_of(town, file.owner, f"/v1/offers/{offer['id']}") == "LIVE"
    await later(town, days=21)
    assert await status_of(town, file.owner, f"/v1/offers/{offer['id']}") == "EXPIRED"
    assert await status_of(town, file.owner, file.address) == "UNPLACED"


async def test_a_contract_that_does_not_come_frees_the_file(town: Town) -> None:
    bank = await a_bank(town)
    file, financing = await accepted(town, bank, valid_until=terms()["valid_until"])
    await later(town, days=29)
    assert await status_of(town, file.owner, financing) == "ACCEPTED"
    await later(town, days=31)
    assert await status_of(town, file.owner, financing) == "CANCELLED"
    assert await status_of(town, file.owner, file.address) == "UNPLACED"
    address = f"/v1/offers?application_id={file.application['id']}"
    [offer] = (await get(town, file.owner, address))["items"]
    assert offer["status"] == "LAPSED"


async def test_a_file_that_is_not_corrected_lapses(town: Town) -> None:
    file = await submitted(town)
    said = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "Une pièce manque."}]}
    expect(await post(town, file.officer, f"{file.address}/reviews", said), 201)
    await later(town, days=29)
    assert await status_of(town, file.owner, file.address) == "CHANGES_REQUESTED"
    await later(town, days=31)
    assert await status_of(town, file.owner, file.address) == "LAPSED"


async def test_a_question_buys_its_time_and_no_more(town: Town) -> None:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    address = f"/v1/lender/assignments/{file.assignments[bank.id]['id']}"
    expect(await post(town, bank.who, f"{address}/acknowledgements"), 201)
    items = {"items": [{"code": "YIELD", "text": "Rendement ?"}]}
    expect(await post(town, bank.who, f"{address}/information-requests", items), 201)
    await later(town, days=12)
    assert await status_of(town, bank.who, address) == "INFO_REQUESTED"
    await later(town, days=25)
    assert await status_of(town, bank.who, address) == "EXPIRED"


async def test_the_timer_does_nothing_twice(town: Town) -> None:
    bank = await a_bank(town)
    await transmitted(town, bank)
    with clock.shifted(timedelta(days=15)):
        assert await everything(town) >= 1
        assert await expire_due(town.apps["financing"]) == 0


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-24", 2, "2026-11-26"),
        ("2026-11-26", 2, "2026-11-30"),
        ("2026-11-28", 1, "2026-11-30"),
        ("2026-11-24", 7, "2026-12-03"),
        ("2026-11-24", 0, "2026-11-24"),
    ],
)
def test_working_days_leave_out_the_week_end(start: str, count: int, end: str) -> None:
    begun = datetime.fromisoformat(f"{start}T15:30:00").replace(tzinfo=UTC)
    ended = working_days_after(begun, count)
    assert (ended.date().isoformat(), ended.hour) == (end, 15)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-05", 12, "2027-12-05"),
    ],
)
def test_months_end_where_the_month_ends(start: str, count: int, end: str) -> None:
    day = datetime.fromisoformat(start).date()
    assert months_after(day, count).isoformat() == end

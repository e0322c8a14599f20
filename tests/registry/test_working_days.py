"""Working days: weekends and holidays do not count, and neither does the day it began."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.working_days.rules import (
    is_working,
    working_day_after,
    working_days_between,
)
from tests.registry.people import expect
from tests.town import Identity, Town, problem

FRIDAY = date(2026, 4, 3)
MONDAY = date(2026, 5, 4)
INDEPENDENCE = date(2025, 4, 4)  # a Friday
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("start", "n", "closed", "due"),
    [
        (FRIDAY, 1, [], date(2026, 4, 6)),
        (FRIDAY, 5, [], date(2026, 4, 10)),
        (FRIDAY, 5, [date(2026, 4, 6)], date(2026, 4, 13)),
        (date(2026, 4, 4), 1, [], date(2026, 4, 6)),  # a Saturday
        (date(2025, 4, 3), 1, [INDEPENDENCE], date(2025, 4, 7)),
        (date(2026, 12, 24), 1, [date(2026, 12, 25)], date(2026, 12, 28)),
        (MONDAY, 15, [], date(2026, 5, 25)),
    ],
)
def test_a_due_date_leaves_out_weekends_and_holidays(
    start: date, n: int, closed: list[date], due: date
) -> None:
    assert working_day_after(start, n, closed) == due
    assert working_days_between(start, due, closed) == n


@given(DAYS, st.integers(1, 60), st.sets(DAYS, max_size=30))
def test_counting_forth_and_back_agree(start: date, n: int, closed: set[date]) -> None:
    due = working_day_after(start, n, closed)
    assert is_working(due, closed)
    assert working_days_between(start, due, closed) == n
    assert working_days_between(start, due - timedelta(days=1), closed) == n - 1


async def listed(town: Town, year: int) -> dict[str, Any]:
    async with town.client("registry") as anyone:
        rows = expect(await anyone.get(f"/v1/holidays?year={year}&limit=200"), 200)["items"]
    return {row["on"]: row for row in rows}


async def test_the_fixed_feasts_of_law_74_52_are_known(town: Town) -> None:
    known = await listed(town, 2031)
    fixed = {"01-01", "04-04", "05-01", "08-15", "11-01", "12-25"}
    assert {day[5:] for day, row in known.items() if "74-52" in row["source"]} == fixed


KORITE = {"name": {"fr": "Korité", "en": "Korité (Eid al-Fitr)"}, "source": "décret du jour"}
REGISTRAR = Identity(scope="filings:correct", territory=["SN"])


async def test_a_movable_feast_is_entered_when_it_is_announced_and_can_be_taken_back(
    town: Town,
) -> None:
    day = "2044-03-02"
    async with town.client("registry", REGISTRAR) as client:
        expect(await client.post("/v1/holidays", json={**KORITE, "on": day}), 201)
        before = (await listed(town, 2044))[day]["is_observed"]
        gone = {**KORITE, "on": day, "is_observed": False}
        expect(await client.post("/v1/holidays", json=gone), 201)
    assert (before, (await listed(town, 2044))[day]["is_observed"]) == (True, False)


async def test_only_who_answers_for_the_whole_country_enters_a_holiday(town: Town) -> None:
    regional = Identity(scope="filings:correct", territory=["SN-SE"])
    async with town.client("registry", regional) as client:
        refused = await client.post("/v1/holidays", json={**KORITE, "on": "2044-04-02"})
    assert (refused.status_code, problem(refused)["code"]) == (403, "NATIONAL_TERRITORY_REQUIRED")
    assert "2044-04-02" not in await listed(town, 2044)

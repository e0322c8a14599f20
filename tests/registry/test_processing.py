"""Processing statistics: what they count, what they leave out, and whom they protect."""

from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import clock
from services.registry.processing.rules import Counts, nothing, told
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    expect,
    reviewed,
    submitted,
)
from tests.town import Identity, Town, problem

# A place and a month of this file's own: everybody else files in Sédhiou, and today.
PLACE, COMMUNE = "SN-ZG-ZD", "SN-ZG-ZD1-1"
AGES = [60, 61, 63, 66, 70, 75]
NATIONAL = Identity(scope="filings:review", territory=["SN"])


async def ask(town: Town, who: Identity | None = None, **query: Any) -> dict[str, Any]:
    async with town.client("registry", who) as client:
        return expect(await client.get("/v1/statistics/filings", params=query), 200)


def by_name(group: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {measure["indicator"]: measure for measure in group["measures"]}


def some(**counts: Any) -> Counts:
    return replace(nothing(None), **counts)


def test_a_figure_of_few_filings_is_hidden_and_none_is_shown() -> None:
    few, _ = told(some(arrived=4, returned=1, open=4), [], 5)
    many, _ = told(some(arrived=5, returned=1, open=5), [], 5)
    none, _ = told(some(), [], 5)
    rates = [by_name(group.model_dump())["RETURN_RATE"] for group in (few, many, none)]
    assert [rate["is_suppressed"] for rate in rates] == [True, False, False]
    assert [rate["value"] for rate in rates] == [None, 0.2, None]
    assert [rate["numerator"] for rate in rates] == [None, 1, 0]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_no_hidden_figure_can_be_had_by_subtraction(sizes: list[int]) -> None:
    groups = [replace(nothing(str(n)), open=size) for n, size in enumerate(sizes)]
    whole, parts = told(some(open=sum(sizes)), groups, 5)
    shown = [by_name(group.model_dump())["BACKLOG"] for group in (whole, *parts)]
    hidden = [measure for measure in shown[1:] if measure["is_suppressed"]]
    rest = [n for n in sizes if n > 0]
    if len(hidden) == 1 and not shown[0]["is_suppressed"]:
        assert len(rest) == 1  # the only filings there are: the total itself says how many
    assert all(m["value"] is None for m in hidden)
    assert all(m["is_suppressed"] for m, n in zip(shown[1:], sizes, strict=True) if 0 < n < 5)


async def test_the_days_of_the_filer_are_not_the_authoritys(town: Town) -> None:
    """Domain §3, indicator 9: median days submission→decision, return rate, backlog."""
    seat = {"commune_code": COMMUNE}
    for n, days in enumerate(AGES):
        await decided_after(town, days, returned=n % 2 == 0, seat=seat)
    since = (clock.today() - timedelta(days=2)).isoformat()
    open_now = await submitted(town, a_filer(), seat=seat)
    seen = by_name((await ask(town, NATIONAL, place=PLACE, since=since))["total"])
    own, whole = seen["MEDIAN_DAYS_TO_DECISION"], seen["MEDIAN_DAYS_WITH_STOPS"]
    waits = [0 if n % 2 else days - 10 for n, days in enumerate(AGES)]
    assert own["value"] == pytest.approx(
        median(days - wait for days, wait in zip(AGES, waits, strict=True)), abs=0.2
    )
    assert whole["value"] == pytest.approx(median(AGES), abs=0.2)
    assert (own["numerator"], own["denominator"], own["not_stated"]) == (6, 6, 0)
    assert (seen["RETURN_RATE"]["numerator"], seen["RETURN_RATE"]["denominator"]) == (3, 7)
    assert seen["BACKLOG"]["value"] == 1
    assert seen["DECIDED_IN_TIME"]["numerator"] == sum(n % 2 == 0 for n in range(6))
    assert (await ask(town, place=PLACE))["smallest_cell"] == 5
    public = by_name((await ask(town, place=PLACE))["total"])
    assert public["BACKLOG"]["is_suppressed"]
    assert public["MEDIAN_DAYS_TO_DECISION"]["value"] == own["value"]
    assert open_now["authority_code"] == PLACE


async def decided_after(town: Town, days: int, *, returned: bool, seat: dict[str, str]) -> None:
    filer = a_filer()
    if not returned:
        filing = await reviewed_in(town, filer, seat)
    else:
        filing = await submitted(town, filer, seat=seat)
        instructor = an_instructor("SN")
        body = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "Précisez."}]}
        with clock.shifted(timedelta(days=5)):
            async with town.client("registry", instructor) as client:
                expect(await act(client, filing, "reviews", body), 201)
        with clock.shifted(timedelta(days=days - 5)):
            async with town.client("registry", filer) as client:
                answers = {"answers": [{"remark": 1, "message": "Voilà."}]}
                expect(await act(client, filing, "submissions", answers), 201)
            async with town.client("registry", instructor) as client:
                seen = await act(client, filing, "reviews", {"outcome": "COMPLETE"})
                filing["version"] = expect(seen, 201)["version"]
    with clock.shifted(timedelta(days=days)):
        async with town.client("registry", a_validator("SN")) as client:
            expect(await decide(client, filing, {"outcome": "APPROVED"}), 201)


async def reviewed_in(town: Town, filer: Identity, seat: dict[str, str]) -> dict[str, Any]:
    filing = await submitted(town, filer, seat=seat)
    async with town.client("registry", an_instructor("SN")) as client:
        seen = expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
    return filing | {"version": seen["version"]}


async def test_groups_are_told_apart_by_territory_type_and_month(town: Town) -> None:
    filing = await reviewed(town, a_filer())
    keys = {}
    for by in ("REGION", "AUTHORITY", "TYPE", "MONTH"):
        answer = await ask(town, NATIONAL, by=by)
        keys[by] = {group["key"] for group in answer["groups"]}
    assert filing["authority_code"] in keys["AUTHORITY"]
    assert "SN-SE" in keys["REGION"]
    assert keys["TYPE"] >= {"REGISTRATION"}
    assert clock.today().strftime("%Y-%m") in keys["MONTH"]


async def test_a_month_counts_what_arrived_and_what_was_decided_in_it(town: Town) -> None:
    """The contract: medians, decisions and returns count what was decided or arrived in it."""
    place, seat = "SN-LG-KE", {"commune_code": "SN-LG-KE1-1"}
    await decided_after(town, 60, returned=True, seat=seat)
    await submitted(town, a_filer(), seat=seat)
    arrived, decided = clock.today(), clock.today() + timedelta(days=60)
    first, second = arrived.strftime("%Y-%m"), decided.strftime("%Y-%m")

    async def months(**period: Any) -> dict[str, tuple[int, ...]]:
        answer = await ask(town, NATIONAL, place=place, by="MONTH", **period)
        measures = {group["key"]: by_name(group) for group in answer["groups"]}
        told = ("RETURN_RATE", "REJECTION_RATE", "BACKLOG")
        return {key: tuple(m[name]["denominator"] for name in told) for key, m in measures.items()}

    assert await months() == {first: (2, 0, 1), second: (0, 1, 0)}
    assert await months(since=arrived, until=arrived) == {first: (2, 0, 1)}
    assert await months(since=decided, until=decided) == {second: (0, 1, 0)}
    total = by_name((await ask(town, NATIONAL, place=place))["total"])
    assert (total["RETURN_RATE"]["denominator"], total["BACKLOG"]["value"]) == (2, 1)


async def test_a_period_gives_no_hidden_month_away(town: Town) -> None:
    place, seat = "SN-LG-LI", {"commune_code": "SN-LG-LI1-1"}
    for _ in range(5):
        await submitted(town, a_filer(), seat=seat)
    with clock.shifted(timedelta(days=40)):
        await submitted(town, a_filer(), seat=seat)
    answer = await ask(town, place=place, by="MONTH", until=clock.today().isoformat())
    [month] = answer["groups"]
    assert by_name(answer["total"])["BACKLOG"]["value"] == 6
    assert by_name(month)["BACKLOG"]["is_suppressed"]  # 6 less 5 would tell of one file


async def test_only_agents_of_the_whole_place_see_small_figures(town: Town) -> None:
    await submitted(town, a_filer(), seat={"commune_code": "SN-TC-BA1-1"})
    place = "SN-TC"
    local = Identity(scope="filings:review", territory=["SN-TC"])
    for who, is_shown in ((None, False), (a_filer(), False), (an_instructor(), False),
                          (NATIONAL, True), (local, True)):  # fmt: skip
        backlog = by_name((await ask(town, who, place=place))["total"])["BACKLOG"]
        assert (backlog["value"] is not None) is is_shown


async def test_a_period_that_ends_before_it_begins_is_refused(town: Town) -> None:
    async with town.client("registry") as anyone:
        query = {"since": "2026-02-01", "until": "2026-01-01"}
        refused = await anyone.get("/v1/statistics/filings", params=query)
        odd = await anyone.get("/v1/statistics/filings", params={"by": "MEMBER"})
    assert (refused.status_code, odd.status_code) == (400, 400)
    assert problem(refused)["errors"][0]["code"] == "PERIOD_REVERSED"

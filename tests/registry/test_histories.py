"""As of × known at: what the tables say is what a naive replay says, whatever the history."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.registry.cooperatives.repository import Members, as_it_was
from services.registry.history.reports import changes
from services.registry.history.repository import effects_of, holders
from tests.registry.histories import (
    DAYS,
    ENTRIES,
    FIELDS,
    YEARS,
    Author,
    Replay,
    Step,
    right_value,
    steps,
)
from tests.registry.people import expect
from tests.town import Identity, Town, codes

HISTORIES = int(os.environ.get("MBOOLO_HISTORIES", "100"))  # 2,000 in the soak


async def check_history(town: Town, history: list[Step], days: list[int]) -> None:
    """Every instant at which something became known × some days."""
    app = town.apps["registry"]
    author = Author(app.state.database, app.state.vault)
    replay = Replay(await author.write(history), history)
    async with app.state.database.transaction() as session:
        instants = [one.recorded_at for one in await effects_of(session, author.cooperative)]
    shown = {
        (known, day): await _check_point(app.state, author, replay, day, (known, instant))
        for known, instant in enumerate(instants, start=1)
        for day in {0, DAYS, *days}
    }
    await _check_changes(app.state, author, instants, shown)


async def _check_changes(
    state: Any,
    author: Author,
    instants: Sequence[datetime],
    shown: Mapping[tuple[int, int], dict[str, Any]],
) -> None:
    """Each change that is told is what was read before and after; and each is told."""
    async with state.database.transaction() as session:
        effects = await effects_of(session, author.cooperative)
        names = await holders(session, effects)
    told = [*changes(author.cooperative, effects, names, first=2)]
    for one in told:
        for value, known in ((one.old, one.revision - 1), (one.new, one.revision)):
            row = await as_it_was(state.reads, author.cooperative, one.since, instants[known - 1])
            assert row is not None
            assert row["public"][one.field] == value, one
    for (known, day), after in shown.items():
        before = shown.get((known - 1, day), after)
        since = {one.field for one in told
                 if one.revision == known and one.since <= author.day(day)}  # fmt: skip
        assert {field for field in after if after[field] != before[field]} <= since, (known, day)


async def _check_point(
    state: Any, author: Author, replay: Replay, day: int, known: tuple[int, datetime]
) -> dict[str, Any]:
    count, instant = known
    row = await as_it_was(state.reads, author.cooperative, author.day(day), instant)
    assert row is not None
    for field in (*FIELDS, "life", "ess_status"):
        wanted = replay.said("values", field, day, count) or BEGINNING[field]
        assert row["public"][field] == wanted, (field, day, count)
    for key in ENTRIES:
        wanted = replay.said("values", key, day, count)
        assert _entry(row["public"], key) == _shown(key, wanted), (key, day, count)
    returned = [replay.said("values", f"returns.{year}", day, count) for year in YEARS]
    auditor = next((one["auditor"] for one in reversed(returned) if one), None)
    assert _last(row["public"]) == auditor, (day, count)
    async with state.database.transaction() as session:
        rows = await Members(session).at(
            author.cooperative, author.day(day), instant, after=None, limit=50
        )
    shares = {person.id: held.shares for person, held, _ in rows}
    wanted = {id: replay.said("shares", n, day, count) for n, id in enumerate(author.members)}
    assert shares == wanted
    held = {one["mandate_id"] for one in row["public"]["officers"]}
    assert held == {
        str(id) for n, id in enumerate(author.mandates) if replay.is_held(n, day, count)
    }
    public: dict[str, Any] = row["public"]
    return public


BEGINNING = {"life": "REGISTERED", "ess_status": "NOT_REQUESTED"}


def _entry(public: dict[str, Any], key: str) -> Any:
    """What the public record says under a key; of a return it shows the last one alone."""
    field, _, entry = key.partition(".")
    whole = public.get(field)
    if field == "identifiers":
        return [one for one in whole or [] if one["scheme"] == entry] or None
    return (whole or {}).get(entry)


def _shown(key: str, value: Any) -> Any:
    return None if key.startswith("returns.") else value


def _last(public: dict[str, Any]) -> str | None:
    return (public["last_return"] or {}).get("auditor")


# two filings of one day say the same thing, and the first is corrected: the second still holds
SAME_DAY = [
    Step(1, {"object": "first"}, {}),
    Step(1, {"object": "second"}, {}),
    Step(1, {"object": "first, rightly"}, {}, 0),
]
# what is corrected lies before a change of a later day, which still holds from its day on
BEFORE = [
    Step(1, {}, {0: 1, 1: 1}),
    Step(2, {}, {0: 2}),
    Step(1, {}, {0: 100, 1: 100}, 0),
    Step(1, {}, {0: 101, 1: 101}, 2),
]


# entries of one field, the later day first: neither takes anything from the other
APART = [
    Step(2, {"identifiers.NINEA": right_value("identifiers.NINEA", 0)}, {}),
    Step(1, {"identifiers.RCCM": right_value("identifiers.RCCM", 1)}, {}),
    Step(3, {"ess_status": "WITHDRAWN", "ess_agreement.to_on": "2026-01-01"}, {}),
    Step(1, {"ess_status": "GRANTED", "ess_agreement.number": "17", "ess_agreement.authority": "M",
             "ess_agreement.from_on": None, "ess_agreement.to_on": None}, {}),
    Step(2, {"returns.2025": right_value("returns.2025", 4)}, {}),
    Step(3, {"returns.2024": right_value("returns.2024", 5)}, {}),
    Step(2, {"returns.2025": right_value("returns.2025", 6)}, {}, 4),
    Step(1, {f"ess_agreement.{term}": right_value(f"ess_agreement.{term}", 7)
             for term in ("number", "authority", "from_on", "to_on")}, {}, 3),
]  # fmt: skip


# the end of a mandate is put right: a later day, then one before both, then one between
ENDED = [
    Step(3, {}, {}, None, {0: 1, 1: 3}),
    Step(3, {}, {}, 0, {0: 2, 1: 1}),
    Step(3, {}, {}, 1, {0: 0, 1: 2}),
    Step(3, {}, {}, 0, {0: 1, 1: 3}),
]


@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=HISTORIES <= 100,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@example(history=SAME_DAY, days=[])
@example(history=BEFORE, days=[1, 2])
@example(history=APART, days=[1, 2])
@example(history=ENDED, days=[1, 2])
@given(history=steps(), days=st.lists(st.integers(0, DAYS), max_size=2))
def _any_history(history: list[Step], days: list[int], town: Town, loop: Any) -> None:
    asyncio.run_coroutine_threadsafe(check_history(town, history, days), loop).result()


async def test_the_register_says_what_a_replay_of_its_filings_says(town: Town) -> None:
    """Bitemporal truth: 100 random histories with changes of the past and corrections."""
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(_any_history, town=town, loop=loop)


@pytest.mark.parametrize("said", [{}, {"object": "too early"}])
async def test_what_was_said_of_days_before_the_record_makes_no_record_of_them(
    town: Town, said: dict[str, Any]
) -> None:
    # ADR 33: the registration begins the record; notes of earlier days were once accepted
    app = town.apps["registry"]
    author = Author(app.state.database, app.state.vault)
    await author.write([Step(-2, said, {})])
    early, first = (author.day(n).isoformat() for n in (-1, 0))
    path = f"/v1/cooperatives/{author.cooperative}"
    async with town.client("registry", Identity(scope="")) as client:
        for part in ("", "/alerts", "/obligations"):
            answers = [await client.get(f"{path}{part}?as_of={day}") for day in (early, first)]
            assert [one.status_code for one in answers] == [404, 200], part
        for part in (f"/officers?as_of={early}", "/changes", "/revisions"):
            expect(await client.get(f"{path}{part}"), 200)
        wish = {"persons": [{"family_name": "Sow", "given_names": "Awa"}], "amount_xof": 1}
        check = await client.post(f"{path}/signing-authority-checks", json=wish | {"on": early})
    assert codes(check) == {"NO_RECORD_THAT_DAY"}

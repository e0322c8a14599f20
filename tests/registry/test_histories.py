"""As of × known at: what the tables say is what a naive replay says, whatever the history."""

import asyncio
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings

from services.registry.cooperatives.repository import Members, as_it_was
from services.registry.history.models import Effect
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


async def check_history(town: Town, history: list[Step]) -> None:
    """Every instant at which something became known × every day."""
    app = town.apps["registry"]
    author = Author(app.state.database, app.state.vault)
    replay = Replay(await author.write(history), history)
    async with app.state.database.transaction() as session:
        instants = [one.recorded_at for one in await effects_of(session, author.cooperative)]
    shown = {
        (known, day): await _check_point(app.state, author, replay, day, (known, instant))
        for known, instant in enumerate(instants, start=1)
        for day in range(DAYS + 1)
    }
    await _check_changes(app.state, author, shown)


Told = tuple[int, date, str, Any, Any]  # the revision, since when, the field, old, new


async def _check_changes(
    state: Any, author: Author, shown: Mapping[tuple[int, int], dict[str, Any]]
) -> None:
    """A change is told from each day on which what was read before and after differs in another
    way than the day before, or no more, and from no other; who reads them knows the record."""
    async with state.database.transaction() as session:
        effects = await effects_of(session, author.cooperative)
        names = await holders(session, effects)
    told: list[Told] = [
        (one.revision, one.since, one.field, one.old, one.new)
        for one in changes(author.cooperative, effects, names, first=2)
    ]
    wanted = list[Told]()
    for known in range(2, len(effects) + 1):
        for field in shown[known, 0]:
            pairs = [
                (shown[known - 1, day][field], shown[known, day][field]) for day in range(DAYS + 1)
            ]
            differs = [pair if pair[0] != pair[1] else None for pair in pairs]
            wanted += [
                (known, author.day(day), field, *pair)
                for day, pair in enumerate(pairs)
                if differs[day] != (differs[day - 1] if day else None)
            ]
    assert sorted(told, key=_place) == sorted(wanted, key=_place)
    _check_reading(author, told, shown)


def _check_reading(
    author: Author, told: list[Told], shown: Mapping[tuple[int, int], dict[str, Any]]
) -> None:
    """Read in their order, what is told of each day is the record of that day: where a filing made
    no difference, or one that ended by then, what was told before holds."""
    for day in range(DAYS + 1):
        read = dict(shown[1, day])
        for known in range(2, max(revision for revision, _ in shown) + 1):
            last = {
                one[2]: one[3:] for one in told if one[0] == known and one[1] <= author.day(day)
            }
            read |= {field: new for field, (old, new) in last.items() if old != new}
            assert read == shown[known, day], (known, day)


def _place(one: Told) -> tuple[Any, ...]:
    return one[:3]


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
# past the day of the filing, not at all, and again
UNDONE = [
    Step(1, {}, {}, None, {0: 0, 1: 1}),
    Step(1, {}, {}, 0, {0: 2, 1: None}),
    Step(1, {}, {}, 1, {0: None, 1: 3}),
    Step(1, {}, {}, 0, {0: 0, 1: None}),
]


# somebody left before somebody else did, as is said later: each day on which who is left differs
LEFT = [Step(2, {}, {}, None, {0: 2}), Step(3, {}, {}, None, {1: 1})]


@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=HISTORIES <= 100,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@example(history=SAME_DAY)
@example(history=BEFORE)
@example(history=APART)
@example(history=ENDED)
@example(history=LEFT)
@example(history=UNDONE)
@given(history=steps())
def _any_history(history: list[Step], town: Town, loop: Any) -> None:
    asyncio.run_coroutine_threadsafe(check_history(town, history), loop).result()


async def test_the_register_says_what_a_replay_of_its_filings_says(town: Town) -> None:
    """Bitemporal truth: 100 random histories with changes of the past and corrections."""
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(_any_history, town=town, loop=loop)


def test_who_reads_the_changes_by_their_days_knows_who_was_in_office() -> None:
    # a president since January, a member since March; in April it is said who left in February
    seats = {name: {"member_id": name, "organ": "MANAGING", "from_on": "2026-01-01",
                    "function": name} for name in ("PRESIDENT", "MEMBER")}  # fmt: skip
    said: list[tuple[int, list[dict[str, Any]]]] = [
        (1, [{"key": "PRESIDENT", "value": seats["PRESIDENT"]}]),
        (3, [{"key": "MEMBER", "value": seats["MEMBER"]}]),
        (4, [{"key": "PRESIDENT", "value": None, "since": "2026-02-01"}]),
    ]
    effects = [
        Effect(filing_id=uuid4(), cooperative_id=uuid4(), revision=n, effective_on=date(2026, m, 1),
               formality="CHANGE_OF_OFFICERS", recorded_at=datetime(2026, 4, n, tzinfo=UTC),
               changes=[one | {"part": "MANDATE"} for one in made])
        for n, (m, made) in enumerate(said, start=1)
    ]  # fmt: skip
    told = changes(uuid4(), effects, {name: {} for name in seats}, first=3)
    officers = [
        (one.since.month, *([it["function"] for it in value] for value in (one.old, one.new)))
        for one in told
    ]
    assert officers == [(2, ["PRESIDENT"], []), (3, ["PRESIDENT", "MEMBER"], ["MEMBER"])]


def test_who_reads_of_an_end_put_right_knows_that_it_came() -> None:
    # somebody in office since January was said to have left in February; it was in March
    seat = {"member_id": "A", "organ": "MANAGING", "from_on": "2026-01-01", "function": "MEMBER"}
    said: list[dict[str, Any]] = [
        {"value": seat},
        {"value": None, "since": "2026-02-01"},
        {"value": None, "since": "2026-03-01"},
    ]
    effects = [
        Effect(filing_id=uuid4(), cooperative_id=uuid4(), revision=n,
               effective_on=date(2026, 1 if n == 1 else 4, 1), corrects=2 if n == 3 else None,
               formality="CHANGE_OF_OFFICERS", recorded_at=datetime(2026, 4, n, tzinfo=UTC),
               changes=[one | {"part": "MANDATE", "key": "A"}])
        for n, one in enumerate(said, start=1)
    ]  # fmt: skip
    told = changes(uuid4(), effects, {"A": {}}, first=2)
    officers = [(one.revision, one.since.month, len(one.old), len(one.new)) for one in told]
    assert officers == [(2, 2, 1, 0), (3, 2, 0, 1), (3, 3, 0, 0)]


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

"""As of × known at: what the tables say is what a naive replay says, whatever the history."""

import asyncio
import os
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.registry.cooperatives.repository import Members, as_it_was
from services.registry.history.repository import effects_of
from tests.registry.histories import DAYS, FIELDS, Author, Replay, Step, steps
from tests.town import Town

HISTORIES = int(os.environ.get("MBOOLO_HISTORIES", "100"))  # 2,000 in the soak


async def check_history(town: Town, history: list[Step], days: list[int]) -> None:
    """Every instant at which something became known × some days."""
    app = town.apps["registry"]
    author = Author(app.state.database, app.state.vault)
    replay = Replay(await author.write(history), history)
    async with app.state.database.transaction() as session:
        instants = [one.recorded_at for one in await effects_of(session, author.cooperative)]
    for known, instant in enumerate(instants, start=1):
        for day in {0, DAYS, *days}:
            await _check_point(app.state, author, replay, day, (known, instant))


async def _check_point(
    state: Any, author: Author, replay: Replay, day: int, known: tuple[int, datetime]
) -> None:
    count, instant = known
    row = await as_it_was(state.reads, author.cooperative, author.day(day), instant)
    assert row is not None
    for field in FIELDS:
        assert row["public"][field] == replay.said("values", field, day, count), (field, day, count)
    async with state.database.transaction() as session:
        rows = await Members(session).at(
            author.cooperative, author.day(day), instant, after=None, limit=50
        )
    shares = {person.id: held.shares for person, held in rows}
    wanted = {id: replay.said("shares", n, day, count) for n, id in enumerate(author.members)}
    assert shares == wanted


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


@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=HISTORIES <= 100,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@example(history=SAME_DAY, days=[])
@example(history=BEFORE, days=[1, 2])
@given(history=steps(), days=st.lists(st.integers(0, DAYS), max_size=2))
def _any_history(history: list[Step], days: list[int], town: Town, loop: Any) -> None:
    asyncio.run_coroutine_threadsafe(check_history(town, history, days), loop).result()


async def test_the_register_says_what_a_replay_of_its_filings_says(town: Town) -> None:
    """Bitemporal truth: 100 random histories with changes of the past and corrections."""
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(_any_history, town=town, loop=loop)

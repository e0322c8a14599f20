"""The rows of the comparison, by name."""

import asyncio
from collections.abc import Callable

from bench import filling, reading, writing
from bench.contest import Pace, contest, lines
from bench.report import Part
from bench.stage import Stage
from bench.verdict import Goal

COOPERATIVES, MEMBERS = 10_000, 20
_AGAINST = {"÷ pgbench": "pgbench", "÷ DRF": "drf", "÷ Flask": "flask"}
_PACE = Pace(rounds=5, seconds=2.0, concurrency=32)
_WRITING = Pace(rounds=5, seconds=3.0, concurrency=8)  # as many as a pool has, and a peer threads


def _read(stage: Stage) -> Part:
    _fill(stage)
    row = contest("read", reading.contenders(stage, COOPERATIVES), stage.postgres, _PACE)
    goals = [
        Goal("ready bytes ÷ pgbench", row.ratio("ready", "pgbench"), 0.45),
        Goal("ready bytes ÷ DRF", row.ratio("ready", "drf"), 25),
        Goal("typed route ÷ pgbench", row.ratio("typed", "pgbench"), 0.12),
        Goal("typed route ÷ DRF", row.ratio("typed", "drf"), 7),
    ]
    stage.stop()
    words = (
        "`GET /v1/cooperatives/{id}` at 32 at once, over 10,000 cooperatives with 20 members each. "
        "`ready` is the plain address; `typed` is the same with `?as_of=`, which goes through "
        "FastAPI's routing, dependencies and a pydantic model."
    )
    return Part("Read by id", words, list(lines(row, _AGAINST)), goals)


def _list(stage: Stage) -> Part:
    _fill(stage)
    row = contest("list", reading.listings(stage), stage.postgres, _PACE)
    goals = [
        Goal("list of 50 ÷ pgbench", row.ratio("registry", "pgbench"), 0.25),
        Goal("list of 50 ÷ DRF", row.ratio("registry", "drf"), 8, is_wish=True),
    ]
    stage.stop()
    words = "`GET /v1/cooperatives`: the first 50 of 10,000, with the cursor of the next page."
    return Part("List of 50", words, list(lines(row, _AGAINST)), goals)


def _insert(stage: Stage) -> Part:
    row = contest("insert", writing.contenders(stage), stage.postgres, _WRITING)
    goals = [
        Goal("draft ÷ DRF's insert", row.ratio("draft", "drf"), 10, is_wish=True),
        Goal("submission ÷ DRF's insert", row.ratio("submission", "drf"), 10, is_wish=True),
    ]
    stage.stop()
    words = (
        "At 8 at once, as many as a pool has connections and a peer threads. `POST /v1/filings` "
        "begins a filing with seven members, whose numbers and names are sealed one by one; "
        "`POST /v1/filings/{id}/submissions` opens it, holds it against the law and the register, "
        "numbers its arrival without a gap and writes a line of the ledger. Both keep their answer "
        "under an idempotency key. The peers check the shape of the same body and insert one row "
        "with it, in the clear."
    )
    return Part("Insert", words, list(lines(row, {"÷ DRF": "drf", "÷ Flask": "flask"})), goals)


def _fill(stage: Stage) -> None:
    if not stage.is_filled:
        asyncio.run(filling.fill(stage.superuser_url, COOPERATIVES, MEMBERS))
        stage.is_filled = True


ROWS: dict[str, Callable[[Stage], Part]] = {"read": _read, "list": _list, "insert": _insert}

"""The rows of the comparison, by name."""

import asyncio
from collections.abc import Callable

from bench import filling, reading
from bench.contest import Pace, contest, lines
from bench.report import Part
from bench.stage import Stage
from bench.verdict import Goal

COOPERATIVES, MEMBERS = 10_000, 20
_AGAINST = {"÷ pgbench": "pgbench", "÷ DRF": "drf", "÷ Flask": "flask"}
_PACE = Pace(rounds=5, seconds=2.0, concurrency=32)


def _read(stage: Stage) -> Part:
    asyncio.run(filling.fill(stage.superuser_url, COOPERATIVES, MEMBERS))
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


ROWS: dict[str, Callable[[Stage], Part]] = {"read": _read}

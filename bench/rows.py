"""The rows of the comparison, by name."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

from bench import filling, gateway_rows, importing, reading, sizing, writing
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
        Goal("ready bytes ÷ pgbench", row.ratio("ready", "pgbench"), 0.45, why=_SOCKETS),
        Goal("ready bytes ÷ DRF", row.ratio("ready", "drf"), 25),
        Goal("typed route ÷ pgbench", row.ratio("typed", "pgbench"), 0.12, why=_FRAMEWORK),
        Goal("typed route ÷ DRF", row.ratio("typed", "drf"), 7),
    ]
    stage.stop()
    words = (
        "`GET /v1/cooperatives/{id}` at 32 at once, over 10,000 cooperatives with 20 members each. "
        "`ready` is the plain address; `typed` is the same with `?as_of=`, which goes through the "
        "route as FastAPI declares it: its dependencies, its parameters' checks, a pydantic model."
    )
    return Part("Read by id", words, list(lines(row, _AGAINST)), goals)


def _list(stage: Stage) -> Part:
    _fill(stage)
    row = contest("list", reading.listings(stage, COOPERATIVES), stage.postgres, _PACE)
    goals = [
        Goal("list of 50 ÷ pgbench", row.ratio("registry", "pgbench"), 0.25),
        Goal("list of 50 ÷ DRF", row.ratio("registry", "drf"), 8, is_wish=True),
    ]
    stage.stop()
    words = (
        "`GET /v1/cooperatives?cursor=…`: 50 of 10,000 from anywhere, with the cursor of the next "
        "page; the peers serve the first 50 again and again."
    )
    return Part("List of 50", words, list(lines(row, _AGAINST)), goals)


def _insert(stage: Stage) -> Part:
    row = contest("insert", writing.contenders(stage), stage.postgres, _WRITING)
    goals = [
        Goal("draft ÷ DRF's insert", row.ratio("draft", "drf"), 10, is_wish=True, why=_DRAFT),
        Goal(
            "submission ÷ DRF's insert",
            row.ratio("submission", "drf"),
            10,
            is_wish=True,
            why=_FILED,
        ),
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


_SIZE = sizing.Size(small=10_000, large=100_000, members=20, entries=300_000)


def size(stage: Stage, asked: sizing.Size = _SIZE) -> Part:
    """Pages, and the verifier, of a large register."""
    with ExitStack() as stack:
        found, filled = sizing.contenders(stage, stack, asked)
        row = contest("page", found, stage.postgres, Pace(rounds=5, seconds=2.0, concurrency=1))
    stage.stop()
    rate, in_all = sizing.verified(asked.entries)
    slowdown = row.middle("large", "p50_ms") / row.middle("small", "p50_ms")
    goals = [
        Goal("a page of 50 at the large ÷ at the small, p50", slowdown, 1.5, is_least=False),
        Goal("entries verified a second", rate, 100_000, is_wish=True, why=_VERIFIER),
        Goal("the same, and every row compared", in_all, 100_000, is_wish=True, why=_COMPARED),
    ]
    words = (
        f"Pages of 50 that begin anywhere, one at a time: {filled[0]}, {filled[1]}. The verifier "
        f"reads {asked.entries:,} linked lines of an arrival register again, on all cores, and "
        "says how many in a second; beside it, and longer, PostgreSQL compares every filing with "
        "what was noted of it: the second figure is of all that, with the start."
    )
    return Part(f"Size: {asked.large:,} cooperatives", words, list(lines(row, {})), goals)


_ROWS = 100_000


def _import(stage: Stage) -> Part:
    found = importing.check(stage, _ROWS)
    stage.stop()
    goals = [
        Goal("memory of an import, at its peak", found.peak_mb, 300, is_least=False, unit=" MB"),
    ]
    words = (
        f"A CSV of {_ROWS:,} rows, each held against the law, the register and the other rows by "
        "the one process that also serves. `make soak S=imports` also lets them enter, and brings "
        "the same as a workbook."
    )
    lines = [
        "| rows | seconds | rows/s | MB before | MB at the peak |",
        "|--:|--:|--:|--:|--:|",
        f"| {found.rows:,} | {found.seconds:.0f} | {found.rows / found.seconds:,.0f} "
        f"| {found.idle_mb:.0f} | {found.peak_mb:.0f} |",
    ]
    return Part("Import", words, lines, goals)


_SOCKETS = "system calls: half of the time; then the parser and uvicorn's cycle"
_FRAMEWORK = (
    "what is left of the framework, the model and the log line: half; then asyncpg and uvicorn"
)
_DRAFT = (
    "8 statements, and the session and the pool around them: a third; reading the body, making the "
    "answer and keeping it: a fifth; a key for each of 7 persons, and 35 seals: a seventh; server "
    "and framework: a fifth"
)
_FILED = (
    "22 statements, 50 µs each at the driver: a fifth; SQLAlchemy's UPDATE, session and pool: a "
    "sixth; the rules, 7 telephone numbers a third of them: a tenth; opening 7 persons: a twelfth; "
    "PostgreSQL takes half as much again, most of it for six inserts and a digest of the file"
)
_COMPARED = "PostgreSQL: the SHA-256 of each row, and sorting what was noted by row"
_VERIFIER = "PostgreSQL sends the rows; canonical JSON and SHA-256 of each"


def _fill(stage: Stage) -> None:
    if not stage.filled:
        asyncio.run(filling.fill(stage.superuser_url, COOPERATIVES, MEMBERS))
        stage.filled = COOPERATIVES


def _gateway_read(stage: Stage) -> Part:
    _fill(stage)
    return gateway_rows.read(stage, COOPERATIVES)


def _path(stage: Stage) -> Part:
    _fill(stage)
    return gateway_rows.path(stage, COOPERATIVES)


ROWS: dict[str, Callable[[Stage], Part]] = {
    "read": _read,
    "list": _list,
    "insert": _insert,
    "import": _import,
    "size": size,
    "gateway": gateway_rows.trivial,
    "gateway-read": _gateway_read,
    "path": _path,
}

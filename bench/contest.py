"""Contenders take turns, round by round, so that a busy moment of the machine strikes all alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from statistics import median

from bench import cpu
from bench.pgbench import Client
from bench.wire import load
from bench.wrk import Blast

WARM_S = 2.0


@dataclass(frozen=True)
class Turn:
    """What one contender did in one round."""

    rate: float
    p50_ms: float
    p99_ms: float
    own_us: float  # processor time of the contender for each answer
    database_us: float
    asking_us: float
    behind_us: float = 0.0  # processor time of the service behind a door


@dataclass(frozen=True)
class Contender:
    """Somebody who answers: a process behind a port, or pgbench with a script."""

    name: str
    pid: int = 0
    port: int = 0
    requests: Callable[[], Iterator[bytes]] | None = None
    client: Client | None = None
    blast: Callable[[int, float], Blast] | None = None  # wrk, instead of our own generator
    behind: int = 0  # the process of the service behind a door
    keep: Callable[[list[bytes]], None] | None = None  # what was made, for the one who comes next


@dataclass
class Row:
    """The turns of one kind of request."""

    title: str
    turns: dict[str, list[Turn]] = field(default_factory=dict)

    def middle(self, name: str, what: str) -> float:
        """The median of a figure of a contender."""
        return float(median(getattr(turn, what) for turn in self.turns[name]))

    def ratio(self, name: str, other: str) -> float:
        """How many times the answers of `other`: the median over the rounds."""
        pairs = zip(self.turns[name], self.turns[other], strict=True)
        return median(mine.rate / theirs.rate for mine, theirs in pairs)


@dataclass(frozen=True)
class Pace:
    """How long, how often, how many at once."""

    rounds: int
    seconds: float
    concurrency: int


def contest(title: str, contenders: Sequence[Contender], postgres: int, pace: Pace) -> Row:
    """Let each warm up, then let them take turns."""
    row = Row(title, {contender.name: [] for contender in contenders})
    for contender in contenders:
        _turn(contender, postgres, pace.concurrency, WARM_S)
    for _ in range(pace.rounds):
        for contender in contenders:
            row.turns[contender.name].append(
                _turn(contender, postgres, pace.concurrency, pace.seconds)
            )
    return row


def _turn(contender: Contender, postgres: int, concurrency: int, seconds: float) -> Turn:
    before = cpu.seconds(cpu.family(postgres))
    if contender.client is not None:
        found = contender.client.run(concurrency, max(seconds, 3.0))  # it connects within
        spent = cpu.seconds(cpu.family(postgres)) - before
        each = 1e6 / (found.rate * found.seconds)
        return Turn(found.rate, found.wait_ms, float("nan"), found.cpu_s * each, spent * each, 0.0)
    if contender.blast is not None:
        return _blasted(contender, postgres, before, concurrency=concurrency, seconds=seconds)
    return _answered(contender, postgres, before, concurrency=concurrency, seconds=seconds)


def _blasted(
    contender: Contender, postgres: int, before: float, *, concurrency: int, seconds: float
) -> Turn:
    if contender.blast is None:
        raise ValueError(contender.name)
    own, behind = _spent(contender.pid), _spent(contender.behind)
    seen = contender.blast(concurrency, seconds)
    own, behind = _spent(contender.pid) - own, _spent(contender.behind) - behind
    database = _spent(postgres) - before
    each = 1e6 / seen.answers
    costs = own * each, database * each, seen.cpu_s * each, behind * each
    return Turn(seen.rate, seen.p50_ms, seen.p99_ms, *costs)


def _spent(pid: int) -> float:
    return cpu.seconds(cpu.family(pid)) if pid else 0.0


def _answered(
    contender: Contender, postgres: int, before: float, *, concurrency: int, seconds: float
) -> Turn:
    if contender.requests is None:
        raise ValueError(contender.name)
    own, behind = _spent(contender.pid), _spent(contender.behind)
    tally = load(contender.port, contender.requests(), concurrency, seconds)
    own, behind = _spent(contender.pid) - own, _spent(contender.behind) - behind
    spent = _spent(postgres) - before
    if contender.keep is not None:
        contender.keep(tally.places)
    each = 1e6 / tally.answers
    waits = tally.wait_ms(0.5), tally.wait_ms(0.99)
    costs = own * each, spent * each, tally.cpu_s * each, behind * each
    return Turn(tally.rate, *waits, *costs)


def lines(row: Row, against: Mapping[str, str]) -> Iterator[str]:
    """The row as a table of Markdown; `against` gives column title -> contender."""
    kinds = {"own µs": "own_us", "PostgreSQL µs": "database_us", "asking µs": "asking_us"}
    if any(turn.behind_us for turns in row.turns.values() for turn in turns):
        kinds = {"own µs": "own_us", "behind µs": "behind_us"} | kinds
    heads = ["", "answers/s", "p50 ms", "p99 ms", *kinds, *against]
    yield f"| {' | '.join(heads)} |"
    yield f"|---|{'--:|' * (len(heads) - 1)}"
    for name in row.turns:
        figures = [f"{row.middle(name, 'rate'):,.0f}"]
        figures += [_number(row.middle(name, f"p{at}_ms"), 2) for at in ("50", "99")]
        figures += [_number(row.middle(name, of), 0) for of in kinds.values()]
        figures += [f"{row.ratio(name, other):.2f}" for other in against.values()]
        yield f"| {name} | {' | '.join(figures)} |"


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}" if isfinite(value) else "–"

"""The gateway beside nginx, HAProxy and what most people would write, before the same services."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from bench import cpu, wrk
from bench.contest import Contender, Pace, Row, contest, lines
from bench.doors import Doors, Process
from bench.profile import Profile
from bench.reading import asked, endless
from bench.report import Part
from bench.stage import Stage
from bench.verdict import Goal
from bench.wire import get
from chassis.compiled import digest, made

_AT_32 = Pace(rounds=7, seconds=2.0, concurrency=32)
_AT_1 = Pace(rounds=7, seconds=2.0, concurrency=1)
_AGAINST = {"÷ nginx": "nginx"}
_PLACE = "/v1/financings/0197e6f2-6d3c-7d2a-9c57-0b1f8a4c7e11"
_MANY = 512


@dataclass(frozen=True)
class Hall:
    """Doors on the core of the measured; whatever is behind them on the other one."""

    stage: Stage
    doors: Doors

    def contender(
        self, name: str, door: Process, behind: Process, requests: Sequence[bytes]
    ) -> Contender:
        """Who is asked with these requests through a door."""
        # a script of its own: the same door may be asked for different things by turns
        path = self.doors.folder / f"{name}-{door.port}-{os.urandom(4).hex()}.lua"
        blast = partial(wrk.blast, door.port, wrk.script(path, requests)) if wrk.is_here() else None
        return Contender(
            name,
            door.pid,
            door.port,
            lambda: endless(list(requests)),
            blast=blast,
            behind=behind.pid,
        )

    def ours(self, door: Process, behind: Process, requests: Sequence[bytes]) -> Contender:
        """Our gateway, asked by somebody whose token it issued."""
        return self.contender("gateway", door, behind, _with_token(requests, self.doors.token()))


@contextmanager
def hall(stage: Stage) -> Iterator[Hall]:
    """Doors for as long as the block lasts."""
    folder = stage.folder / f"doors-{os.urandom(4).hex()}"
    folder.mkdir(mode=0o700)
    doors = Doors(stage.cluster, folder, keys=stage.folder / "gateway.json")
    try:
        yield Hall(stage, doors)
    finally:
        doors.stop()
        stage.stop()


def trivial(stage: Stage) -> Part:
    """Before a service that costs next to nothing: the doors' own limits."""
    with hall(stage) as at:
        behind = _elsewhere(at.doors.trivial())
        naive, gateway = at.doors.naive(behind.port), at.doors.gateway(behind.port)
        sources = at.doors.gateway(behind.port, MBOOLO_COMPILED="no")
        requests = [get(_PLACE, "Accept: application/json\r\n")]
        known = _with_token(requests, at.doors.token())
        found = [
            at.contender("nginx", at.doors.nginx(behind.port), behind, requests),
            at.contender("HAProxy", at.doors.haproxy(behind.port), behind, requests),
            at.ours(gateway, behind, requests),
            at.contender("FastAPI + httpx", naive, behind, known),
            at.contender("gateway, sources", sources, behind, known),
        ]
        row = contest("trivial", found, stage.postgres, _AT_32)
        alone = contest("alone", [found[0], found[2]], stage.postgres, _AT_1)
        # what is compiled has no frames to look at
        profile = Profile.of(sources.pid, partial(_asked, found[-1]))
    words = (
        "An nginx that answers 571 bytes of JSON stands for the service; the gateway verifies an "
        "ES256 token, counts, and writes an internal token for the service, nginx and HAProxy do "
        f"none of this. {_how()} At 32 at once, then one at a time. `own` is the processor time of "
        "all processes of the door, `behind` that of the service."
    )
    told = [*lines(row, _AGAINST), "", "One at a time:", "", *lines(alone, _AGAINST)]
    return Part("The gateway alone", words, [*told, *profile.lines()], _trivial_goals(row, alone))


def _how() -> str:
    found = made()
    if found is None or found.sources != digest():
        return "Its data plane is not compiled here (`make compiled` says why)."
    return "Its data plane is compiled (`make compiled`); `gateway, sources` is the same without."


def _trivial_goals(row: Row, alone: Row) -> list[Goal]:
    rate, cost = row.ratio("gateway", "nginx"), _cost(row, "gateway", "nginx")
    whole = _cost(row, "gateway", "nginx", with_behind=True)
    slower = alone.middle("gateway", "p50_ms") / alone.middle("nginx", "p50_ms")
    return [
        Goal("throughput ÷ nginx, trivial service", rate, 0.40, why=_CALLS),
        Goal("the same, stretched", rate, 0.60, is_wish=True),
        Goal("processor time ÷ nginx", cost, 3.0, is_least=False, why=_CALLS),
        Goal("the same, stretched", cost, 2.0, is_least=False, is_wish=True),
        Goal("the same with the service", whole, 3.0, is_least=False, is_wish=True),
        Goal("p50 ÷ nginx, trivial service, alone", slower, 1.35, is_least=False, is_wish=True),
        Goal("÷ FastAPI + httpx", row.ratio("gateway", "FastAPI + httpx"), 30, why=_HTTPX),
    ]


def read(stage: Stage, count: int) -> Part:
    """Before the registry itself: what a caller notices."""
    with hall(stage) as at:
        behind = _elsewhere(stage.registry())
        gateway, nginx = at.doors.gateway(behind.port), at.doors.nginx(behind.port)
        requests = asked(count)[:_MANY]
        shown = _with_token(requests, stage.issuer.token(_SCOPE, lifetime_s=900))
        found = [
            at.contender("nginx", nginx, behind, shown),
            at.ours(gateway, behind, requests),
        ]
        haproxy = at.contender("HAProxy", at.doors.haproxy(behind.port), behind, requests)
        row = contest("read", [*found, haproxy], stage.postgres, _AT_32)
        alone = contest("alone", found, stage.postgres, _AT_1)
    words = (
        "`GET /v1/cooperatives/{id}`, ready bytes, each time another cooperative; the registry, "
        "PostgreSQL and whoever asks share the other core. Behind nginx the registry is shown an "
        "internal token, as it is by the gateway; behind HAProxy none."
    )
    told = [*lines(row, _AGAINST), "", "One at a time:", "", *lines(alone, _AGAINST)]
    rate = row.ratio("gateway", "nginx")
    tail = row.middle("gateway", "p99_ms") / row.middle("nginx", "p99_ms")
    slower = alone.middle("gateway", "p50_ms") / alone.middle("nginx", "p50_ms")
    goals = [
        Goal("throughput ÷ nginx, registry read", rate, 0.75, why=_BEHIND),
        Goal("the same, stretched", rate, 0.90, is_wish=True),
        Goal("p50 ÷ nginx, one at a time", slower, 1.35, is_least=False, why=_CALLS),
        Goal("the same, stretched", slower, 1.25, is_least=False, is_wish=True),
        Goal("p99 ÷ nginx at 32", tail, 2.0, is_least=False, why=_BEHIND),
        Goal("the same, stretched", tail, 1.5, is_least=False, is_wish=True),
    ]
    return Part("The gateway before the registry", words, told, goals)


def path(stage: Stage, count: int) -> Part:
    """From the caller to the database and back, beside the path that most people would build."""
    with hall(stage) as at:
        anywhere = set(cpu.CORES)
        doors = replace(at.doors, cores=anywhere, running=[])
        here = Hall(stage, doors)
        try:
            found = _paths(here, count)
            row = contest("path", found, stage.postgres, _AT_32)
        finally:
            doors.stop()
    ready, typed = row.ratio("ready", "nginx → DRF"), row.ratio("typed", "nginx → DRF")
    words = (
        "The same read through the whole path, at 32 at once; doors, services and PostgreSQL may "
        "run on any core. `typed` goes through the route's dependencies, checks and pydantic model."
    )
    goals = [
        Goal("typed ÷ (nginx → DRF)", typed, 9, why=_TYPED),
        Goal("ready bytes ÷ (nginx → DRF)", ready, 20, is_wish=True, why=_BEHIND),
    ]
    return Part(
        "The whole path", words, list(lines(row, {"÷ (nginx → DRF)": "nginx → DRF"})), goals
    )


def _paths(at: Hall, count: int) -> list[Contender]:
    registry = _elsewhere(at.stage.registry(), set(cpu.CORES))
    drf = _elsewhere(at.stage.peer("bench.peers.drf"), set(cpu.CORES))
    gateway, nginx = at.doors.gateway(registry.port), at.doors.nginx(drf.port)
    plain, typed = asked(count)[:_MANY], asked(count, "?as_of=2026-06-30")[:_MANY]
    return [
        at.contender("nginx → DRF", nginx, drf, plain),
        replace(at.ours(gateway, registry, plain), name="ready"),
        replace(at.ours(gateway, registry, typed), name="typed"),
    ]


def _asked(contender: Contender, seconds: float) -> None:
    if contender.blast is not None:
        contender.blast(32, seconds)


def _cost(row: Row, name: str, other: str, *, with_behind: bool = False) -> float:
    def of(who: str) -> float:
        return row.middle(who, "own_us") + with_behind * row.middle(who, "behind_us")

    return of(name) / of(other)


def _with_token(requests: Sequence[bytes], token: str) -> list[bytes]:
    line = f"\r\nAuthorization: Bearer {token}\r\n".encode()
    return [one.replace(b"\r\n", line, 1) for one in requests]


def _elsewhere(process: Process, cores: set[int] = cpu.OF_THE_REST) -> Process:
    for pid in cpu.family(process.pid):
        cpu.pin(pid, cores)
    return process


_SCOPE = "registry:read"
_CALLS = "what Python's objects cost, even compiled: half of it; the kernel: a third"
_HTTPX = "httpx: it looks at every connection it holds, at every request"
_BEHIND = "the registry and PostgreSQL, which share the other core with whoever asks"
_TYPED = "FastAPI's dependencies in the registry"

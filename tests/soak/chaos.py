"""One run: a town of real processes, writers that insist, and somebody who kills."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import asyncpg

from local.postgres import Cluster
from local.vacant import free_port
from tests.chassis.village import hearer, notes, teller
from tests.chassis.village.homes import furnished, raise_tables
from tests.soak import homes
from tests.soak.ledger import Ledger, Verdict, judge
from tests.soak.load import Writers
from tests.soak.nursery import Resident
from tests.town import Town

_EXPLAINED = {"201", "401", "409", "503", "no answer", "replayed"}


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    events: int
    forced_redeliveries: int  # pushes whose deliverer dies before it acknowledges
    kills: dict[str, int]
    pause_s: float = 1.0
    concurrency: int = 12
    aggregates: int = 200
    lease_s: float = 1.0
    limit_s: float = 240.0  # a town that takes longer has lost its way


@dataclass
class Outcome:
    """What happened."""

    verdict: Verdict
    kills: dict[str, int]
    forced: list[int]  # the events of each push that was applied and not acknowledged
    answers: Counter[str]
    wrote_s: float
    drained_s: float

    @property
    def is_explained(self) -> bool:
        """Whether writers only met answers that say what to do: above all, never a 500."""
        return self.answers.keys() <= _EXPLAINED


@dataclass
class Scene:
    """Where it happens."""

    folder: Path
    told: str
    heard: str
    postgres: Cluster | None = None
    town: Town = field(init=False)
    journal: Path = field(init=False)

    def __post_init__(self) -> None:
        self.town = Town(self.folder)
        self.journal = self.folder / "journal"
        self.journal.touch()


class Residents:
    """All processes of the run."""

    def __init__(self, scene: Scene, plan: Plan) -> None:
        ports = {name: free_port() for name in ("gateway", "teller", "hearer")}
        self.addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        shared = {
            "peers": self.addresses,
            "event_lease_s": plan.lease_s,
            "event_timeout_s": plan.lease_s * 0.8,
            "heartbeat_s": 1.0,
        }
        folder = scene.folder
        told = furnished(teller.TellerSettings, folder, scene.told, port=ports["teller"], **shared)
        heard = furnished(
            hearer.HearerSettings, folder, scene.heard, port=ports["hearer"], **shared
        )
        log = folder / "processes.log"
        keys = folder / "gateway.json"
        self.gateway = Resident("gateway", homes.gateway, keys, ports["gateway"], log=log)
        self.writer = Resident("writer", homes.writer, told, log=log)
        self.consumer = Resident("consumer", homes.consumer, heard, log=log)
        self.carriers = [
            Resident("deliverer", homes.carrier, told, scene.journal, log=log) for _ in range(2)
        ]

    def everybody(self) -> list[Resident]:
        """Each of them."""
        return [self.gateway, self.writer, self.consumer, *self.carriers]


async def run(scene: Scene, plan: Plan) -> Outcome:
    """Write, kill, let it drain, and judge."""
    await raise_tables(scene.told, notes.metadata)
    await raise_tables(scene.heard, hearer.metadata)
    residents, ledger = Residents(scene, plan), Ledger()
    for resident in (residents.gateway, residents.writer, residents.consumer):
        resident.start()
    try:
        async with asyncio.timeout(plan.limit_s), mortal_carriers(residents, scene, plan):
            began = monotonic()
            kills = await _write_and_kill(residents, scene, plan, ledger)
            wrote_s = monotonic() - began
        drained_s = await drained(scene.told)
        verdict = await verdict_of(scene, ledger)
    finally:
        for resident in residents.everybody():
            resident.kill()
    forced = [int(line) for line in scene.journal.read_text().split()]
    return Outcome(verdict, kills, forced, ledger.answers, wrote_s, drained_s)


@asynccontextmanager
async def mortal_carriers(residents: Residents, scene: Scene, plan: Plan) -> AsyncIterator[None]:
    """Two deliverers that keep dying; immortal ones take their places at the end."""
    is_over = asyncio.Event()

    async def lives_of(carrier: Resident) -> None:
        while not (is_over.is_set() and _lines(scene.journal) >= plan.forced_redeliveries):
            carrier.start(random.randint(1, 4))
            await asyncio.to_thread(carrier.wait)
        carrier.start(0)

    lives = [asyncio.create_task(lives_of(carrier)) for carrier in residents.carriers]
    try:
        yield
        is_over.set()
        for carrier in residents.carriers:
            carrier.kill()
        await asyncio.gather(*lives)
    finally:
        for life in lives:
            life.cancel()


def _lines(journal: Path) -> int:
    return len(journal.read_text().split())


async def _write_and_kill(
    residents: Residents, scene: Scene, plan: Plan, ledger: Ledger
) -> dict[str, int]:
    writers = Writers(scene.town, residents.addresses["teller"], ledger, aggregates=plan.aggregates)
    killing = asyncio.create_task(_kill(residents, scene, plan))
    await writers.write(plan.events, plan.concurrency)
    while not killing.done() or _lines(scene.journal) < plan.forced_redeliveries:
        await writers.write(50, plan.concurrency)
    await writers.leave()
    return await killing


async def _kill(residents: Residents, scene: Scene, plan: Plan) -> dict[str, int]:
    victims = [name for name, count in plan.kills.items() for _ in range(count)]
    random.shuffle(victims)
    acts: dict[str, Callable[[], None]] = {
        "writer": lambda: _restart(residents.writer),
        "consumer": lambda: _restart(residents.consumer),
        "deliverer": lambda: random.choice(residents.carriers).kill(),  # its keeper restarts it
        "postgres": lambda: _restart_postgres(scene),
    }
    for victim in victims:
        await asyncio.sleep(random.uniform(0.5, 1.5) * plan.pause_s)
        await asyncio.to_thread(acts[victim])
    return dict(Counter(victims))


def _restart(resident: Resident) -> None:
    resident.kill()
    resident.start()


def _restart_postgres(scene: Scene) -> None:
    cluster = scene.postgres
    if cluster is None or cluster.child is None:
        raise RuntimeError("this scene has no PostgreSQL of its own")
    family = [cluster.child.pid, *_children_of(cluster.child.pid)]
    for pid in family:
        os.kill(pid, signal.SIGKILL)
    cluster.child.wait()
    cluster.start()


def _children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


async def drained(url: str) -> float:
    """Wait until nothing is due any more; how long that took."""
    began = monotonic()
    connection = await asyncpg.connect(url)
    while monotonic() - began < 60:
        if not await connection.fetchval("select count(*) from event_lane where due is not null"):
            break
        await asyncio.sleep(0.02)
    await connection.close()
    return monotonic() - began


async def verdict_of(scene: Scene, ledger: Ledger) -> Verdict:
    """The ledger against both databases."""
    told, heard = await asyncpg.connect(scene.told), await asyncpg.connect(scene.heard)
    try:
        return await judge(ledger, told, heard)
    finally:
        await told.close()
        await heard.close()

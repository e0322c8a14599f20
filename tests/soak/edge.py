"""Before the gateway of a real town: 2,000 slow connections, 10,000 idle ones, bodies of 200 MB."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.members import MEMBERS, ROOT
from local.postgres import Cluster
from local.trial import trial_town
from tests.soak.bodies import Body, Growth, send_all

SLOW, SLOW_S = 2_000, 15
IDLE, IDLE_S = 10_000, 20
GOOD_P99_MS = 500.0
CROWD_MB = 100  # what the crowds may cost the gateway
GROWTH_MB = 60


@dataclass(frozen=True)
class House:
    """The running town: the port of its gateway, the process ids of its members."""

    port: int
    pids: dict[str, int]


@dataclass(frozen=True)
class Seen:
    """What became of the crowds and of those who asked meanwhile."""

    slow: dict[str, Any]
    beside_slow: dict[str, Any]
    idle: dict[str, Any]
    beside_idle: dict[str, Any]
    gateway_mb: int  # at its peak
    crowd_mb: int
    bodies: list[Growth]


@contextmanager
def house(cluster: Cluster, folder: Path) -> Iterator[House]:
    """A town of its own on free ports, ended with the block."""
    told = {"DATABASE_URL": cluster.url(), "GATEWAY_LIMIT_FACTOR": "1000"}
    with trial_town(folder, **told) as town:
        yield House(town.ports["gateway"], _members_of(town.process.pid))


def _members_of(parent: int) -> dict[str, int]:
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    words = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in found}
    packages = {member.package.encode(): member.name for member in MEMBERS}
    return {packages[word]: pid for pid, said in words.items() for word in said if word in packages}


def watch(found: House) -> Seen:
    """All of it, one after the other."""
    bodies = send_all(found.port, found.pids, _BODIES)
    before = _mb(found.pids["gateway"], "VmRSS")
    slow, beside_slow = _beside(found.port, "slow", SLOW, SLOW_S)
    idle, beside_idle = _beside(found.port, "idle", IDLE, IDLE_S)
    peak = _mb(found.pids["gateway"], "VmHWM")
    return Seen(slow, beside_slow, idle, beside_idle, peak, peak - before, bodies)


_BODIES = [
    Body("/v1/filings", is_chunked=False),
    Body("/v1/filings", is_chunked=True),
    Body("/v1/repayment-schedules", is_chunked=False),
    Body("/v1/repayment-schedules", is_chunked=True),
    Body("/v1/repayment-schedules", is_chunked=False, megabytes=63),  # what the gateway lets pass
    Body("/v1/me", is_chunked=True),
    Body("/oauth2/token", is_chunked=True),
]


def _beside(
    port: int, kind: str, count: int, seconds: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    crowd = _start(kind, port, count, seconds)
    assert crowd.stdout is not None
    if kind == "idle":
        crowd.stdout.readline()  # they are all there
    asker = _start("ask", port, 20 * seconds, seconds)
    seen, _ = asker.communicate()
    held, _ = crowd.communicate()
    return json.loads(held), json.loads(seen)


def _start(*words: Any) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.soak.crowd", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def _mb(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) // 1024


def table(seen: Seen) -> list[tuple[str, str]]:
    """What happened, line by line."""
    return [
        (
            f"{SLOW:,} slow connections, alive after {SLOW_S} s",
            f"{seen.slow['alive']} (0); the longest lived {seen.slow['oldest_s']:.1f} s",
        ),
        ("who asks beside them", _asked(seen.beside_slow)),
        (
            f"{IDLE:,} idle connections, opened again as they end",
            f"{seen.idle['middle']} at once (median), {seen.idle['fewest']} at the least",
        ),
        ("who asks beside them", _asked(seen.beside_idle)),
        (
            "what all of them cost the gateway",
            f"{seen.crowd_mb} MB (≤ {CROWD_MB}), {seen.gateway_mb} MB at its peak",
        ),
        *((f"{growth.body}", f"{growth} (≤ {GROWTH_MB} MB)") for growth in seen.bodies),
    ]


def _asked(seen: dict[str, Any]) -> str:
    return (
        f"{seen['failures']} failures (0), p50 {seen['p50']:.0f} ms, "
        f"p99 {seen['p99']:.0f} ms (≤ {GOOD_P99_MS:.0f})"
    )


def is_kept(seen: Seen) -> bool:
    """Whether every promise of the table holds."""
    good = (seen.beside_slow, seen.beside_idle)
    return (
        seen.slow["alive"] == 0
        and all(one["failures"] == 0 and one["p99"] <= GOOD_P99_MS for one in good)
        and seen.idle["middle"] >= IDLE * 0.95
        and seen.crowd_mb <= CROWD_MB
        and all(growth.is_refused and growth.megabytes <= GROWTH_MB for growth in seen.bodies)
    )


def report(cluster: Cluster, folder: Path) -> bool:
    """Run it and print the table; whether every promise was kept."""
    with house(cluster, folder) as found:
        seen = watch(found)
    for name, value in table(seen):
        sys.stdout.write(f"{name:<58} {value}\n")
    kept = is_kept(seen)
    sys.stdout.write("kept\n" if kept else "BROKEN\n")
    return kept

"""A million requests with unique bodies through one gateway, whose callers leave when they like;
then 10,000 connections that say nothing. Nothing may be mixed, nothing may grow. `SOAK_REQUESTS`
makes it shorter."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression
from time import monotonic, sleep
from typing import Any

from bench import cpu
from bench.doors import Doors, Process, listens
from local.members import ROOT
from local.postgres import Cluster
from local.vacant import free_port

REQUESTS = int(os.environ.get("SOAK_REQUESTS", "1000000"))
_ASKERS, _HOLDERS = 2, 200
IDLE, _IDLE_S = 10_000, 15
MOST_MB = 200
SLOPE_MB = 10.0  # for a million more requests, from the second half of them
_LIFETIME_S = 14_400


@dataclass
class Seen:
    """What the callers saw, and what the gateway weighed meanwhile."""

    told: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    weights: list[tuple[int, float]] = field(default_factory=list)  # after so many, megabytes
    seconds: float = 0.0
    idle: dict[str, Any] = field(default_factory=dict)
    idle_mb: float = 0.0

    @property
    def slope_mb(self) -> float:
        """Megabytes for a million requests, over the second half."""
        asked = self.told["asked"]
        late = [(count, mb) for count, mb in self.weights if count >= asked / 2]
        if len(late) < 3:
            return float("nan")
        return linear_regression(*zip(*late, strict=True)).slope * 1_000_000

    @property
    def is_kept(self) -> bool:
        """Whether every promise holds."""
        told = self.told
        is_right = told["mixed"] == told["broken"] == told["refused"] == 0
        is_all = told["asked"] >= REQUESTS and told["right"] >= 0.9 * told["asked"]
        is_light = self.idle_mb <= MOST_MB and self.idle["middle"] >= IDLE * 0.95
        # a short trial is all warming up: only a long one has a slope
        return is_right and is_all and is_light and (told["asked"] < 500_000 or self._is_level)

    @property
    def _is_level(self) -> bool:
        return self.slope_mb <= SLOPE_MB


def watch(doors: Doors) -> Seen:
    """All of it."""
    with _echo() as port:
        gateway = doors.gateway(port)
        seen = Seen()
        _ask(doors, gateway, seen)
        _idle(gateway, seen)
    return seen


@contextmanager
def _echo() -> Iterator[int]:
    port = free_port()
    process = _start("echo", port)
    try:
        while not listens(port):
            sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def _ask(doors: Doors, gateway: Process, seen: Seen) -> None:
    tokens = doors.folder / "tokens.json"
    subs = [f"holder-{n}" for n in range(_HOLDERS)]
    tokens.write_text(
        json.dumps({sub: doors.token(sub, lifetime_s=_LIFETIME_S) for sub in subs}), "utf-8"
    )
    began, share = monotonic(), -(-REQUESTS // _ASKERS)
    askers = [_start("askers", gateway.port, share, n, tokens) for n in range(_ASKERS)]
    told: list[dict[str, Any]] = [{}] * _ASKERS
    while any(told_now := [_line(one) for one in askers]):
        told = [now or before for now, before in zip(told_now, told, strict=True)]
        seen.told = sum((Counter(_figures(one)) for one in told), Counter())
        seen.weights.append((seen.told["asked"], weight_mb(gateway.pid)))
    seen.faults = [one["fault"] for one in told if one.get("fault")]
    seen.seconds = monotonic() - began


def _line(asker: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert asker.stdout is not None
    line = asker.stdout.readline()
    return dict(json.loads(line)) if line else {}


def _figures(told: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in told.items() if isinstance(count, int)}


def _idle(gateway: Process, seen: Seen) -> None:
    crowd = _start("crowd", "idle", gateway.port, IDLE, _IDLE_S)
    assert crowd.stdout is not None
    crowd.stdout.readline()  # they are all there
    for _ in range(_IDLE_S):
        seen.idle_mb = max(seen.idle_mb, weight_mb(gateway.pid))
        sleep(0.9)
    said, _ = crowd.communicate()
    seen.idle = json.loads(said)


def weight_mb(pid: int) -> float:
    """What a process and its children hold in memory now."""
    return sum(_resident_kb(one) for one in cpu.family(pid)) / 1024


def _resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def _start(module: str, *words: Any) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", f"tests.soak.{module}", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def table(seen: Seen) -> list[tuple[str, str]]:
    """What happened, line by line."""
    told = seen.told
    weights = [mb for _, mb in seen.weights]
    rate = told["asked"] / seen.seconds
    return [
        (
            "asked, each with a body of its own",
            f"{told['asked']:,} in {seen.seconds:,.0f} s ({rate:,.0f} a second)",
        ),
        ("answered with exactly that", f"{told['right']:,}"),
        ("callers who left early", f"{told['left early']:,}"),
        ("answers of others, or changed", f"{told['mixed']} (0)"),
        ("refused / broken off", f"{told['refused']} / {told['broken']} (0 / 0)"),
        *(("the first fault", fault) for fault in seen.faults),
        (
            "the gateway's memory on its way",
            f"{weights[0]:.0f}, {weights[len(weights) // 2]:.0f}, {weights[-1]:.0f} MB; "
            f"{seen.slope_mb:+.1f} MB for a million more (≤ {SLOPE_MB:.0f})",
        ),
        (
            f"with {IDLE:,} idle connections",
            f"{seen.idle_mb:.0f} MB (≤ {MOST_MB}); {seen.idle['middle']} at once (median)",
        ),
    ]


def report(cluster: Cluster, folder: Path) -> bool:
    """Run it and print the table; whether every promise was kept."""
    place = folder / "million"
    place.mkdir(mode=0o700)
    doors = Doors(cluster, place, set(cpu.CORES))
    try:
        seen = watch(doors)
    finally:
        doors.stop()
    for name, value in table(seen):
        sys.stdout.write(f"{name:<42} {value}\n")
    sys.stdout.write("kept\n" if seen.is_kept else "BROKEN\n")
    return seen.is_kept

"""The report of a chaos run: what was promised, and what became of it."""

import asyncio
import sys
from pathlib import Path
from time import monotonic

import asyncpg

from local.postgres import Cluster
from tests.soak.backlog import Cost, measure
from tests.soak.chaos import Outcome, Plan, Scene, run

PLAN = Plan(
    events=5_500,
    forced_redeliveries=110,
    kills={"postgres": 8, "consumer": 12, "deliverer": 12, "writer": 6},
)
CLAIM_MS = 5.0
DRAIN_S = 10.0


async def soak(cluster: Cluster, folder: Path) -> tuple[Outcome, Cost]:
    """The chaos first, then the backlog."""
    names = ("soak_teller", "soak_hearer", "soak_backlog")
    connection = await asyncpg.connect(cluster.url())
    for name in names:
        await connection.execute(f"create database {name}")
    await connection.close()
    told, heard, backlog = [cluster.url(name) for name in names]
    outcome = await run(Scene(folder, told, heard, cluster), PLAN)
    return outcome, await measure(backlog)


def table(outcome: Outcome, cost: Cost, took_s: float) -> list[tuple[str, str]]:
    """What happened, line by line."""
    verdict = outcome.verdict
    kills = ", ".join(f"{name} {count}" for name, count in sorted(outcome.kills.items()))
    answers = ", ".join(f"{name} × {count}" for name, count in sorted(outcome.answers.items()))
    return [
        ("kill -9", f"{sum(outcome.kills.values())} ({kills})"),
        ("kill -9 between push and acknowledgement", f"{len(outcome.forced)}"),
        ("events applied, not acknowledged, pushed again", f"{sum(outcome.forced)}"),
        (
            "acknowledged / committed / effects",
            f"{verdict.acknowledged} / {verdict.committed} / {verdict.effects}",
        ),
        ("lost", f"{verdict.lost}"),
        ("doubled writes", f"{verdict.doubled_writes}"),
        ("doubled effects", f"{verdict.doubled_effects}"),
        ("out of order", f"{verdict.inversions}"),
        ("answers to writers", answers),
        ("written in", f"{outcome.wrote_s:.1f} s"),
        ("drained after the last write in", f"{outcome.drained_s:.1f} s (≤ {DRAIN_S:.0f})"),
        (
            "claim at a backlog of 200,000",
            f"{cost.claim:.2f} ms (≤ {CLAIM_MS:.0f}), "
            f"{cost.claim_with_wire:.2f} ms with its events read",
        ),
        ("idle claim, 200,000 lanes leased", f"{cost.claim_all_leased:.2f} ms"),
        (
            "acknowledge 100 / beat at that backlog",
            f"{cost.acknowledge:.2f} / {cost.heartbeat:.1f} ms",
        ),
        ("whole run", f"{took_s:.0f} s"),
    ]


def is_kept(outcome: Outcome, cost: Cost) -> bool:
    """Whether every promise of the table holds."""
    return (
        outcome.verdict.is_clean
        and outcome.is_explained
        and outcome.verdict.committed >= 5_000
        and sum(outcome.kills.values()) >= 20
        and len(outcome.forced) >= 100
        and outcome.drained_s <= DRAIN_S
        and cost.claim <= CLAIM_MS
    )


def report(cluster: Cluster, folder: Path) -> bool:
    """Run it and print the table; whether every promise was kept."""
    began = monotonic()
    outcome, cost = asyncio.run(soak(cluster, folder))
    for name, value in table(outcome, cost, monotonic() - began):
        sys.stdout.write(f"{name:<50} {value}\n")
    kept = is_kept(outcome, cost)
    sys.stdout.write("kept\n" if kept else "BROKEN\n")
    return kept

"""A short chaos run: real processes, killed in the worst moments (`make soak` is the long one)."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chassis.village.homes import drop_database
from tests.soak.chaos import Plan, Scene, run
from tests.town import create_database

PLAN = Plan(
    events=300,
    forced_redeliveries=5,
    kills={"consumer": 2, "deliverer": 2, "writer": 1},
    pause_s=0.3,
    concurrency=6,
    aggregates=20,
    lease_s=0.6,
    limit_s=240.0,
)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    names = [f"t_chaos_{part}_{os.getpid()}" for part in ("teller", "hearer")]
    told, heard = [await create_database(name) for name in names]
    yield Scene(tmp_path, told, heard)
    for name in names:
        await drop_database(name)


async def test_no_kill_loses_doubles_or_reorders_anything(scene: Scene) -> None:
    outcome = await run(scene, PLAN)
    assert outcome.verdict.is_clean, (outcome, (scene.folder / "processes.log").read_text()[-3000:])
    assert outcome.verdict.committed >= 300
    assert len(outcome.forced) >= 5
    assert outcome.is_explained, outcome.answers

"""The town that tests live in: one set of databases per worker, real commits, no clean-up.

Tests share it as callers share production: each makes its own organisation, group or lender, and
none may assume that it is alone.
"""

import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, settings

from chassis import logs
from tests.town import Town, a_town

logs.configure("test")
# a machine that stands still for a moment says nothing about how examples are made
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """A name of this worker's own, whatever else runs on the same server."""
    id = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return f"{id}_{os.getpid()}"


@pytest.fixture(scope="session")
async def town(worker: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with a_town(worker, tmp_path_factory.mktemp("town")) as town:
        yield town

"""The town that tests live in: one set of databases per worker, real commits, no clean-up.

Tests share it as callers share production: each makes its own organisation, group or lender, and
none may assume that it is alone.
"""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from chassis import logs
from chassis.app import Service
from tests.town import Town, create_database, settle

logs.configure("test")


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """A name of this worker's own, whatever else runs on the same server."""
    id = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return f"{id}_{os.getpid()}"


@pytest.fixture(scope="session")
async def town(worker: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    from contextlib import AsyncExitStack

    from services.financing.app import define as financing
    from services.financing.settings import FinancingSettings
    from services.registry.app import define as registry
    from services.registry.settings import RegistrySettings
    from services.training.app import define as training
    from services.training.settings import TrainingSettings

    services: list[tuple[Callable[..., Service], type[Any]]] = [
        (registry, RegistrySettings),
        (training, TrainingSettings),
        (financing, FinancingSettings),
    ]
    town = Town(Path(tmp_path_factory.mktemp("town")))
    async with AsyncExitStack() as stack:
        for define, settings in services:
            name = settings.model_config["env_prefix"].strip("_").lower()
            url = await create_database(f"t_{worker}_{name}")
            await stack.enter_async_context(settle(town, define, settings, url))
        yield town

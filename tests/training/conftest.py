"""A fresh cast on a fresh stage for each test; the databases are shared."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.town import Town
from tests.training.stage import Stage


@pytest.fixture
async def stage(town: Town) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        yield Stage(town, stack)

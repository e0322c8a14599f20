"""The town with a real object behind every address."""

import pytest

from tests.house.objects import Objects
from tests.town import Town


@pytest.fixture(scope="session")
def objects(town: Town) -> Objects:
    return Objects(town)

"""The village: a town of two tiny services, swept before each test that asks for it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.deliverer import Deliverer
from tests.chassis.village import hearer, notes, teller
from tests.chassis.village.homes import build, drop_database, furnished, moved_in
from tests.chassis.village.life import Village
from tests.town import Town


@pytest.fixture(scope="session")
async def houses(worker: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Village]:
    town = Town(Path(tmp_path_factory.mktemp("village")))
    names = {part: f"t_{worker}_{part}_{os.getpid()}" for part in ("teller", "hearer")}
    told = await build(names["teller"], notes.metadata)
    heard = await build(names["hearer"], hearer.metadata)
    telling = furnished(teller.TellerSettings, town.folder, told)
    hearing = furnished(hearer.HearerSettings, town.folder, heard)
    async with (
        moved_in(town, teller.define, telling) as first,
        moved_in(town, hearer.define, hearing) as second,
    ):
        yield Village(town, first, second)
    for name in names.values():
        await drop_database(name)


@pytest.fixture
async def village(houses: Village) -> Village:
    await houses.sweep()
    return houses


@pytest.fixture
def deliverer(village: Village) -> Deliverer:
    return village.deliverer()

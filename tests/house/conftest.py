"""The whole town: the services, and the gateway in front of them; joined in memory."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chassis.app import create_app
from chassis.serve import prepare
from chassis.vault import ensure_vault
from gateway.app import define
from gateway.settings import GatewaySettings
from tests.house.house import House
from tests.house.objects import Objects
from tests.house.things import Things, make
from tests.town import PEERS, Town, create_database, role_for


@pytest.fixture(scope="session")
async def house(town: Town, worker: str) -> AsyncIterator[House]:
    ensure_vault(town.folder / "gateway.vault.json")
    url = await create_database(f"t_{worker}_house")
    settings = GatewaySettings(
        environment="test",
        database_url=await role_for(url),
        owner_url=url,
        keys_file=town.folder / "gateway.json",
        vault_file=town.folder / "gateway.vault.json",
        public_url=PEERS["gateway"],
        limit_factor=10_000,
        overview_patience_s=30,  # here nobody is slow on purpose; who is away is so at once
        peers=PEERS,
        run_worker=False,
    )
    service = define(settings)
    await asyncio.to_thread(prepare, service)
    app = create_app(service, transport=town)
    async with app.router.lifespan_context(app):
        yield House(town, app)


@pytest.fixture(scope="session")
def objects(house: House) -> Objects:
    return Objects(house)


@pytest.fixture(scope="session")
async def things(town: Town) -> Things:
    return await make(town)

"""Where the village lives: databases with the chassis' own tables, and applications in a town."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import FastAPI
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.app import Service, create_app
from chassis.keys import ensure_keys
from chassis.settings import Settings
from tests.town import SERVER, Town, create_database

PEERS = {name: f"http://{name}" for name in ("gateway", "teller", "hearer")}
Define = Callable[[Settings], Service]


async def raise_tables(url: str, metadata: MetaData) -> None:
    """Create the tables of one service in an empty database."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()


async def build(name: str, metadata: MetaData) -> str:
    """A database with the tables of one service; its URL."""
    url = await create_database(name)
    await raise_tables(url, metadata)
    return url


async def drop_database(name: str) -> None:
    """Pull a database down."""
    connection = await asyncpg.connect(SERVER)
    await connection.execute(f'drop database if exists "{name}" with (force)')
    await connection.close()


def furnished(kind: type[Settings], folder: Path, url: str, **changes: Any) -> Settings:
    """Settings of a service that has its own keys."""
    name = str(kind.model_config["env_prefix"]).strip("_").lower()
    ensure_keys(folder / f"{name}.json", name[:3])
    usual: dict[str, Any] = {
        "database_url": url,
        "keys_file": folder / f"{name}.json",
        "peers": PEERS,
        "environment": "test",
        "run_worker": False,
        "heartbeat_s": 3600,
        "public_url": "http://gateway",
    }
    return kind(**(usual | changes))


@asynccontextmanager
async def moved_in(town: Town, define: Define, settings: Settings) -> AsyncIterator[FastAPI]:
    """The application of a service, living in the town for as long as the block."""
    service = define(settings)
    app = create_app(service, transport=town)
    async with app.router.lifespan_context(app):
        town.apps[service.name] = app
        yield app
    town.apps.pop(service.name, None)

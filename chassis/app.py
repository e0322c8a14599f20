"""The application of one service, assembled: this file reads as a table of contents."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from asyncpg import Connection, Record
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import MetaData
from starlette.responses import Response

from chassis import answers, clock, edge, health, idempotency, inbox, migrations, openapi, sight
from chassis.application import Application
from chassis.auth import Verifier
from chassis.catalogue import Catalogue
from chassis.db import Database, create_engine
from chassis.deliverer import Deliverer
from chassis.events import Outbox
from chassis.http import RemoteKeys, create_client
from chassis.idempotency import Replayed
from chassis.inbox import Heard
from chassis.keys import KeyFile
from chassis.own_keys import OwnSigner
from chassis.pages import Cursors
from chassis.privileges import say_what_is_loose
from chassis.protocol import PatientProtocol
from chassis.reads import Reads
from chassis.ready import Lane, Ready
from chassis.settings import Settings
from chassis.short import ShortWay
from chassis.swift import SwiftProtocol
from chassis.telemetry import telemetry_of
from chassis.timers import Timer, keep_time
from chassis.vault import Vault

Command = Callable[["Connection[Record]", Sequence[str]], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """What a service is, in one place."""

    name: str
    title: str
    settings: Settings
    routers: Sequence[APIRouter]
    folder: Path  # holds problems.toml and migrations/
    metadata: MetaData
    outbox: Outbox
    hears: Mapping[str, Heard] = field(default_factory=dict)
    timers: Sequence[Timer] = ()
    # routes beside which a lane answers the plain question with bytes that are ready
    ready: Sequence[Ready] = ()
    seed: Callable[["Connection[Record]"], Awaitable[None]] | None = None
    # what one process adds to its application before the outermost layer is laid
    furnish: Callable[[FastAPI, httpx.AsyncBaseTransport | None], None] | None = None
    # strangers reach it: a trace is continued once its caller is known (see `chassis.edge.follow`)
    is_public: bool = False
    # `python -m services.<name> <command> <word>…`; the first line of its docstring is its help
    commands: Mapping[str, Command] = field(default_factory=dict)
    # tables of which a row never changes; with a column, that one may be closed once
    append_only: Mapping[str, str | None] = field(default_factory=dict)
    # those of them whose rows go one day; a trigger says when
    expiring: Collection[str] = ()
    # the server's connection to a caller
    protocol: type[PatientProtocol] = SwiftProtocol
    # how long a key that has retired stays published; None, for whoever signs proofs: for ever
    old_keys: timedelta | None = None

    @property
    def consumers(self) -> list[str]:
        """Every process that hears something of ours."""
        return sorted({name for names in self.outbox.listeners.values() for name in names})


def create_app(service: Service, transport: httpx.AsyncBaseTransport | None = None) -> FastAPI:
    """The ASGI application; `transport` joins processes in memory for tests."""
    settings = service.settings
    app = Application(
        title=service.title,
        version="1.0.0",
        openapi_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
        telemetry=telemetry_of(settings, service.name, is_public=service.is_public),
    )
    app.state.service, app.state.settings = service, settings
    app.state.catalogue = Catalogue(service.folder / "problems.toml")
    app.state.keys = KeyFile(settings.keys_file, service.old_keys)
    app.state.signer = OwnSigner(app.state.keys)
    app.state.vault = Vault(settings.vault_file) if settings.vault_file else None
    app.state.cursors = Cursors(app.state.keys.secret)
    app.state.http = create_client(transport)
    app.state.feed = sight.Feed()
    app.state.closing = []  # what a process adds in `furnish`: to be awaited when it ends
    app.state.gauges = []  # what a process adds in `furnish`: functions that tell figures
    _join_peers(app)
    app.lay(*service.routers, inbox.router, health.router, sight.router, _contract)
    answers.install(app)
    app.add_exception_handler(Replayed, _replay)
    app.add_middleware(edge.Routes)
    if service.furnish is not None:
        service.furnish(app, transport)
    is_https = settings.public_url.startswith("https://")
    always = [edge.NOSNIFF, *edge.protection(is_https=is_https)]
    app.state.lane = Lane(service.ready, app.state, always) if service.ready else None
    is_bare = service.furnish is None and not service.is_public and settings.otlp_endpoint is None
    app.state.short = ShortWay(app, always) if is_bare else None
    app.add_middleware(
        edge.Edge,
        max_body_bytes=settings.max_body_bytes,
        is_https=is_https,
        is_public=service.is_public,
    )
    return app


def _join_peers(app: FastAPI) -> None:
    service: Service = app.state.service
    keys = {
        name: RemoteKeys(
            app.state.http,
            *(f"{url}/internal/v1/jwks" for url in service.settings.addresses_of(name)),
        )
        for name in service.settings.peers
        if name != service.name
    }
    if gateway := keys.get("gateway"):  # the gateway itself verifies what callers bring
        app.state.verifier = Verifier(gateway, service.name)
    app.state.peer_keys = keys


async def _replay(_: Request, replayed: Any) -> Response:
    found: Response = replayed.response
    return found


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    app.state.database = Database(create_engine(settings))
    app.state.database.after_commit.append(inbox.say_heard)
    app.state.reads = Reads(settings.database_url, settings.pool_size)
    app.state.checks = {"database": lambda: _is_migrated(app)}
    tasks = [asyncio.create_task(act) for act in _work(app)]
    gc.collect()
    gc.freeze()  # the 300,000 objects of the frameworks need not be walked at each collection
    gc.set_threshold(50_000, 20, 100)
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*(close() for close in app.state.closing))
    await app.state.reads.close()
    await app.state.database.engine.dispose()
    await app.state.http.aclose()


def _work(app: FastAPI) -> list[Any]:
    service: Service = app.state.service
    if not service.settings.run_worker:
        return [keep_time(timer, app) for timer in service.timers if timer.is_own]
    deliverers = [
        Deliverer(
            service.settings,
            service.name,
            consumer,
            reads=app.state.reads,
            signer=app.state.signer,
        ).run(app.state.database, app.state.http)
        for consumer in service.consumers
    ]
    timers = (*service.timers, Timer("forget_answers", 3600, _forget_answers))
    return [say_what_is_loose(app), *deliverers, *(keep_time(timer, app) for timer in timers)]


async def _forget_answers(app: FastAPI) -> int:
    # promised for 30 days; kept a day longer, so that no clock makes the promise false
    async with app.state.database.transaction() as session:
        await idempotency.purge(session, clock.now() - timedelta(days=31))
    return 0


async def _is_migrated(app: FastAPI) -> bool:
    wanted = app.state.__dict__.setdefault("head", migrations.head(_versions(app)))
    try:
        row = await asyncio.wait_for(
            app.state.reads.fetchrow("select version_num from alembic_version"), 0.5
        )
    except Exception:  # noqa: BLE001 - whatever is wrong, the answer is: not ready
        return False
    return row is not None and row["version_num"] == wanted


def _versions(app: FastAPI) -> Path:
    return Path(app.state.service.folder) / "migrations"


_contract = APIRouter(prefix="/internal/v1", include_in_schema=False)


@_contract.get("/openapi.json")
async def contract(request: Request) -> Response:
    """This service's part of the public contract."""
    import json  # noqa: PLC0415 - asked for once per deployment

    state = request.app.state
    if not hasattr(state, "own_contract"):  # a fifth of a second, in which nobody else is served
        state.own_contract = json.dumps(openapi.document(request.app), ensure_ascii=False)
    return Response(state.own_contract, media_type="application/json")


@_contract.get("/problems")
async def catalogue(request: Request) -> list[dict[str, Any]]:
    """This service's part of the error catalogue."""
    found: Catalogue = request.app.state.catalogue
    return found.listing(request.app.state.settings.public_base)

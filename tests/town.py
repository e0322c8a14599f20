"""The services of the town, joined in memory: real databases, real tokens, real signatures."""

import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from asyncpg import Connection, Record
from fastapi import FastAPI

from chassis.app import Service, create_app
from chassis.auth import GATEWAY_ISSUER, INTERNAL_TYP
from chassis.deliverer import Deliverer
from chassis.jose import Signer
from chassis.keys import KeyFile, ensure_keys
from chassis.reads import connect
from chassis.serve import prepare
from chassis.vault import ensure_vault
from local.addresses import Address
from local.roles import derived_password, let_in, may_make_roles
from tests.witness import witness_of

SERVER = os.environ.get("MBOOLO_TEST_SERVER") or sys.exit("`make test` starts a PostgreSQL first")
PEERS = {name: f"http://{name}" for name in ("gateway", "registry", "training", "financing")}


@dataclass
class Identity:
    """Who a test speaks as: what the gateway would write into an internal token."""

    scope: str
    roles: list[str] = field(default_factory=list)
    org: str = field(default_factory=lambda: f"org-{uuid4().hex[:12]}")
    sub: str = field(default_factory=lambda: f"user-{uuid4().hex[:12]}")
    territory: list[str] = field(default_factory=list)
    lender_id: str | None = None
    grants: list[dict[str, Any]] = field(default_factory=list)


class Town(httpx.AsyncBaseTransport):
    """Routes each request to the application of that name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkpoints = folder / "checkpoints"
        self.apps: dict[str, FastAPI] = {}
        ensure_keys(folder / "gateway.json", "gw")
        self.gateway_keys = KeyFile(folder / "gateway.json")
        self._signer = Signer(self.gateway_keys.current)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host
        if name == "gateway" and "gateway" not in self.apps:
            return httpx.Response(200, json={"keys": self.gateway_keys.public()})
        if name not in self.apps:
            raise httpx.ConnectError("nobody lives there")
        answer = await httpx.ASGITransport(self.apps[name]).handle_async_request(request)
        if witness := witness_of(name):
            await witness.look(request, answer)
        return answer

    def token(self, who: Identity, audience: str, **changes: Any) -> str:
        """An internal token as the gateway mints it; `changes` forge it."""
        now = int(time.time())
        claims = {
            "iss": GATEWAY_ISSUER,
            "aud": audience,
            "sub": who.sub,
            "client_id": f"client-{who.sub}",
            "org": who.org,
            "scope": who.scope,
            "roles": who.roles,
            "territory": who.territory,
            "lender_id": who.lender_id,
            **({"grants": who.grants} if who.grants else {}),
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + 60,
        } | changes
        return self._signer.token(claims, INTERNAL_TYP)

    def client(self, service: str, who: Identity | None = None) -> httpx.AsyncClient:
        """A client of one service, speaking as `who` (or as nobody)."""
        return httpx.AsyncClient(
            transport=_Keyed(self), base_url=f"http://{service}", auth=_auth(self, service, who)
        )

    @asynccontextmanager
    async def owner(self, service: str) -> "AsyncIterator[Connection[Record]]":
        """A connection to the database of a service with every right: what the service lacks."""
        connection = await connect(self.apps[service].state.settings.owner)
        try:
            yield connection
        finally:
            await connection.close()

    def deliverers(self, source: str) -> list[Deliverer]:
        """The deliverers of one service, for tests that turn the wheel themselves."""
        app = self.apps[source]
        service: Service = app.state.service
        return [
            Deliverer(
                service.settings,
                source,
                consumer,
                reads=app.state.reads,
                signer=app.state.signer,
            )
            for consumer in service.consumers
            if consumer in self.apps
        ]

    async def deliver(self) -> None:
        """Carry every event to everybody, until nothing is due."""
        moved = True
        while moved:
            moved = False
            for source in self.apps.keys() - {"gateway"}:
                for deliverer in self.deliverers(source):
                    moved |= await deliverer.step(self.apps[source].state.http)


class _Keyed(httpx.AsyncBaseTransport):
    """Gives each POST an idempotency key unless the test set one (or set it to empty)."""

    def __init__(self, town: Town) -> None:
        self._town = town

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and "idempotency-key" not in request.headers:
            request.headers["Idempotency-Key"] = uuid4().hex
        if request.headers.get("idempotency-key") == "":
            del request.headers["Idempotency-Key"]
        return await self._town.handle_async_request(request)


def _auth(town: Town, service: str, who: Identity | None) -> Any:
    if who is None:
        return None

    def sign(request: httpx.Request) -> httpx.Request:
        if "authorization" not in request.headers:
            request.headers["Authorization"] = f"Bearer {town.token(who, service)}"
        return request

    return sign


async def create_database(name: str) -> str:
    """A fresh database on the test server; its URL."""
    connection = await asyncpg.connect(SERVER)
    await connection.execute(f'drop database if exists "{name}" with (force)')
    await connection.execute(f'create database "{name}"')
    await connection.close()
    url = SERVER.replace("/postgres?", f"/{name}?") if "/postgres?" in SERVER else None
    url = url or SERVER.rsplit("/", 1)[0] + f"/{name}"
    inside = await connect(url)
    for extension in ("pg_trgm", "unaccent", "btree_gist"):
        await inside.execute(f"create extension {extension}")
    await inside.close()
    return url


async def role_for(url: str) -> str:
    """The URL of a role that a service signs in with at this database, and owns nothing there."""
    owner = Address(url)
    if not await may_make_roles(owner):
        return url
    return await let_in(owner, owner.database, derived_password(owner, owner.database))


@asynccontextmanager
async def settle(
    town: Town, define: Callable[..., Service], settings: type[Any], url: str
) -> AsyncIterator[FastAPI]:
    """Migrate and seed a database, and let the service move into the town."""
    name = settings.model_config["env_prefix"].strip("_").lower()
    keys, vault = town.folder / f"{name}.json", town.folder / f"{name}.vault.json"
    ensure_keys(keys, "trn" if name == "training" else name[:3])
    ensure_vault(vault)
    service = define(
        settings(
            database_url=await role_for(url),
            owner_url=url,
            keys_file=keys,
            vault_file=vault,
            peers=PEERS,
            environment="test",
            run_worker=False,
            heartbeat_s=0,
            public_url="http://gateway",
            **({"checkpoints_folder": town.checkpoints} if name == "registry" else {}),
        )
    )
    import asyncio

    await asyncio.to_thread(prepare, service)
    app = create_app(service, transport=town)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        town.apps[service.name] = app
        yield app
    town.apps.pop(service.name, None)


@asynccontextmanager
async def a_town(name: str, folder: Path) -> AsyncIterator[Town]:
    """A town on databases of its own, which carry this name."""
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
    town = Town(folder)
    async with AsyncExitStack() as stack:
        for define, settings in services:
            service = settings.model_config["env_prefix"].strip("_").lower()
            url = await create_database(f"t_{name}_{service}")
            await stack.enter_async_context(settle(town, define, settings, url))
        yield town


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The body of a refusal, checked to be a problem in the house's format."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = json.loads(answer.content)
    assert body["status"] == answer.status_code
    assert body["detail"], body
    assert "…" not in body["detail"], body
    assert body["remedy"], body
    return body


def codes(answer: httpx.Response) -> set[str]:
    """The codes of the findings in a refusal."""
    return {finding["code"] for finding in problem(answer)["errors"]}

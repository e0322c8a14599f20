"""The town and its gateway, for tests that hold for every process."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
from asyncpg import Connection, Record
from fastapi import FastAPI

from chassis import clock
from chassis.inbox import Fact
from chassis.jose import Signer
from chassis.reads import connect
from gateway.grants.hearing import cooperative_told
from tests.town import PEERS, Identity, Town


class House:
    """Every process of the town, for tests that hold for all of them."""

    def __init__(self, town: Town, gateway: FastAPI) -> None:
        self.town = town
        self._gateway = gateway
        self._signer = Signer(town.gateway_keys.current)

    def app(self, name: str) -> FastAPI:
        """The application of one process."""
        return self._gateway if name == "gateway" else self.town.apps[name]

    @asynccontextmanager
    async def owner(self, name: str) -> "AsyncIterator[Connection[Record]]":
        """A connection to the database of a process as the owner of its tables."""
        connection = await connect(self.app(name).state.settings.owner)
        try:
            yield connection
        finally:
            await connection.close()

    def client(self, name: str, who: Identity | None = None) -> httpx.AsyncClient:
        """A client of one process, speaking as `who` (or as nobody)."""
        if name != "gateway":
            return self.town.client(name, who)
        headers = {"Authorization": f"Bearer {self.token(who)}"} if who else {}
        transport = httpx.ASGITransport(self._gateway)
        return httpx.AsyncClient(transport=transport, base_url=PEERS["gateway"], headers=headers)

    def token(self, who: Identity, **changes: Any) -> str:
        """An access token as the issuer makes it; `changes` forge it."""
        now = int(time.time())
        claims = {
            "iss": PEERS["gateway"],
            "aud": PEERS["gateway"],
            "sub": who.sub,
            "client_id": f"client-{who.sub}",
            "org": who.org,
            "scope": who.scope,
            "roles": who.roles,
            "territory": who.territory,
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + 300,
            **({"lender_id": who.lender_id} if who.lender_id else {}),
        } | changes
        return self._signer.token(claims, "at+jwt")

    async def tell_of_cooperative(self, id: UUID, organisation_id: str) -> None:
        """Let the gateway know whose a cooperative is, as the registry would."""
        async with self._gateway.state.database.transaction() as session:
            data = {"cooperative_id": id, "organisation_id": organisation_id, "name": "Jappoo"}
            fact: Any = {"id": str(id), "type": "registered", "subject": f"cooperative/{id}"}
            fact |= {"time": clock.now(), "resourceversion": 1, "data": data}
            await cooperative_told(session, Fact(**fact))

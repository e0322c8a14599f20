"""A gateway for tests of administration: joined in memory, with a database of its own."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from chassis.app import create_app
from chassis.deliverer import Deliverer
from chassis.jose import Signer
from chassis.serve import prepare
from chassis.vault import Vault, ensure_vault
from gateway.app import define
from gateway.names import new_name
from gateway.notices.schemas import Content
from gateway.notices.service import context
from gateway.settings import GatewaySettings
from tests.town import PEERS, Town, create_database, problem, role_for

HASH = "$argon2id$v=19$m=19456,t=4,p=1$c29tZXNhbHRzb21lc2FsdA$4e8WfLr0q3V1pY0QmRrT2w"


@dataclass
class Who:
    """Somebody with an access token."""

    scope: str = "platform:admin"
    org: str = field(default_factory=lambda: new_name("org"))
    sub: str = field(default_factory=lambda: new_name("user"))
    roles: list[str] = field(default_factory=lambda: ["admin"])
    territory: list[str] = field(default_factory=lambda: ["SN"])
    client_id: str = "client-frontend"
    claims: dict[str, Any] = field(default_factory=dict)


def a_manager(org: str, **changes: Any) -> Who:
    return Who(**{"scope": "organisation:manage", "org": org, "roles": ["manager"]} | changes)


class Bureau:
    """The gateway, and what a test asks of it again and again."""

    def __init__(self, app: FastAPI, town: Town) -> None:
        self.app = app
        self.admin = Who()
        self._signer = Signer(town.gateway_keys.current)

    def token(self, who: Who) -> str:
        now = int(time.time())
        claims = {
            "iss": PEERS["gateway"],
            "aud": PEERS["gateway"],
            "sub": who.sub,
            "client_id": who.client_id,
            "org": who.org,
            "scope": who.scope,
            "roles": who.roles,
            "territory": who.territory,
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + 300,
            **who.claims,
        }
        return self._signer.token(claims, "at+jwt")

    async def ask(
        self, method: str, path: str, body: Any = None, *, who: Who | None = None, **told: str
    ) -> httpx.Response:
        """One request; `key` and `match` stand for the two headers of writes."""
        headers = {"Authorization": f"Bearer {self.token(who or self.admin)}"}
        if method == "POST":
            headers["Idempotency-Key"] = told.get("key") or uuid4().hex
        if "match" in told:
            headers["If-Match"] = f'"{told["match"]}"'
        if body is not None:
            headers["Content-Type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        return await self.raw(method, path, headers, content)

    async def raw(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None = None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=PEERS["gateway"]) as client:
            return await client.request(method, f"/v1{path}", content=content, headers=headers)

    async def done(
        self, path: str, body: Any = None, *, who: Who | None = None, **told: str
    ) -> dict[str, Any]:
        """The answer to a POST that must succeed."""
        answer = await self.ask("POST", path, {} if body is None else body, who=who, **told)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def got(self, path: str, *, who: Who | None = None) -> dict[str, Any]:
        answer = await self.ask("GET", path, who=who)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def organisation(self, kind: str = "COOPERATIVE", **changes: Any) -> dict[str, Any]:
        lender = {"lender_id": str(uuid4())} if kind == "LENDER" else {}
        return await self.done(
            "/organisations", {"kind": kind, "name": "Jappoo"} | lender | changes
        )

    async def invited(
        self, organisation: dict[str, Any], *roles: str, who: Who | None = None, **changes: Any
    ) -> dict[str, Any]:
        wish = an_invitation(organisation_id=organisation["id"], roles=list(roles)) | changes
        return await self.done("/users", wish, who=who)

    async def active(
        self, organisation: dict[str, Any], *roles: str, **changes: Any
    ) -> dict[str, Any]:
        """A person who has chosen a password."""
        user = await self.invited(organisation, *roles, **changes)
        await self.set_status(user["id"], "ACTIVE")
        return await self.got(f"/users/{user['id']}")

    async def client(self, organisation: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return await self.done("/clients", a_client(organisation, **changes))

    async def deliver(self) -> None:
        """Carry what the gateway has said to those who hear it."""
        service = self.app.state.service
        for consumer in service.consumers:
            deliverer = Deliverer(
                service.settings,
                "gateway",
                consumer,
                reads=self.app.state.reads,
                signer=self.app.state.signer,
            )
            while await deliverer.step(self.app.state.http):
                pass

    async def set_status(self, id: str, status: str) -> None:
        """Put an account into a state, as its life would have brought it there."""
        await self.write(
            "update account set status = $2, password_hash = $3 where id = $1", id, status, HASH
        )

    async def write(self, sql: str, *args: Any) -> None:
        await self.app.state.reads.fetch(sql, *args)

    async def rows(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.app.state.reads.fetch(sql, *args)]

    async def letters(self, account_id: str) -> list[tuple[str, Content]]:
        """What is waiting to be sent to a person, opened; newest last."""
        vault: Vault = self.app.state.vault
        rows = await self.rows(
            "select id, kind, content_sealed from notice where account_id = $1"
            " and status = 'WAITING' order by id",
            account_id,
        )
        return [
            (
                row["kind"],
                Content.model_validate_json(vault.open(row["content_sealed"], context(row["id"]))),
            )
            for row in rows
        ]

    async def acts(self, target_id: str) -> list[str]:
        """What the audit trail says was done to something, oldest first."""
        page = await self.got(f"/audit-entries?target_id={target_id}&limit=200")
        return [entry["act"] for entry in reversed(page["items"])]


def a_client(organisation: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A machine of that organisation that proves itself by a secret."""
    return {
        "organisation_id": organisation["id"],
        "name": "Machine",
        "auth_method": "client_secret_basic",
        "grant_types": ["client_credentials"],
        "scopes": ["cooperatives:read"],
    } | changes


def itself(client: dict[str, Any]) -> Who:
    """The machine, with a token of its own."""
    return Who(
        scope=" ".join(client["scopes"]),
        org=client["organisation_id"],
        sub=client["sub"],
        client_id=client["id"],
        roles=client["roles"],
        territory=client["territory"],
    )


def an_invitation(**changes: Any) -> dict[str, Any]:
    name = f"awa-{uuid4().hex[:12]}"
    return {
        "username": name,
        "full_name": "Awa Diatta",
        "email": f"{name}@example.sn",
        "language": "fr",
    } | changes


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, problem(answer)["code"]


@asynccontextmanager
async def bureau_at(town: Town, name: str, **changes: Any) -> AsyncIterator[Bureau]:
    """A bureau over a fresh database of that name."""
    vault = town.folder / "bureau.vault.json"
    ensure_vault(vault)
    url = await create_database(name)
    settings = GatewaySettings(
        environment="test",
        database_url=await role_for(url),
        owner_url=url,
        keys_file=town.folder / "gateway.json",
        vault_file=vault,
        public_url=PEERS["gateway"],
        peers=PEERS,
        run_worker=False,
        heartbeat_s=0,
        limit_factor=10_000,
        **changes,
    )
    service = define(settings)
    await asyncio.to_thread(prepare, service)
    app = create_app(service, transport=town)
    async with app.router.lifespan_context(app):
        yield Bureau(app, town)

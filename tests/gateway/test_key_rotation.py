"""A running gateway whose key is rotated: nobody is thrown out, nobody is let in."""

import base64
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis import keys as keys_module
from chassis.app import create_app
from chassis.rotation import Rotation
from gateway.app import define
from gateway.plane import passports
from gateway.settings import GatewaySettings
from tests.gateway.conftest import joined
from tests.gateway.world import Gateway
from tests.town import PEERS, Identity, Town


@dataclass
class Rotating:
    http: httpx.AsyncClient
    keys: Path
    auth: tuple[str, str]

    async def token(self) -> str:
        asked = await self.http.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, auth=self.auth
        )
        token: str = asked.json()["access_token"]
        return token

    async def status(self, token: str) -> int:
        return await self._got("/v1/me", token)

    async def filings(self, token: str) -> int:
        """What the registry answers, behind the gateway."""
        return await self._got("/v1/filings", token)

    async def _got(self, path: str, token: str) -> int:
        bearer = {"Authorization": f"Bearer {token}"}
        return (await self.http.get(path, headers=bearer)).status_code


@pytest.fixture
async def rotating(
    gateway: Gateway,
    town: Town,
    settings: GatewaySettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Rotating]:
    monkeypatch.setattr(keys_module, "_LOOK_S", -1.0)
    keys = tmp_path / "keys.json"
    shutil.copy(settings.keys_file, keys)
    changed = {"public_url": "http://gateway", "keys_file": keys, "peers": PEERS}
    changed["upstream_silence_s"] = 30.0
    app = create_app(define(settings.model_copy(update=changed)), transport=town)
    async with (
        app.router.lifespan_context(app),
        joined(app, town) as url,
        httpx.AsyncClient(base_url=url) as http,
    ):
        yield Rotating(http, keys, gateway.basic("instructor"))


async def test_tokens_of_the_old_key_live_on_and_new_ones_bear_the_new(rotating: Rotating) -> None:
    old = await rotating.token()
    Rotation(rotating.keys, None).rotate(now=True)
    new = await rotating.token()
    kids = [_kid(token) for token in (old, new)]
    assert kids[0] != kids[1]
    assert [await rotating.status(token) for token in (old, new)] == [200, 200]
    published = {key["kid"] for key in (await rotating.http.get("/oauth2/jwks")).json()["keys"]}
    assert len(published) == 3
    assert set(kids) < published


async def test_services_let_nobody_wait_when_the_key_changes_in_an_emergency(
    rotating: Rotating, town: Town
) -> None:
    """Even a service that has just asked for our keys, and will not ask again for half a minute."""
    assert await rotating.filings(await rotating.token()) == 200
    forged = town.token(Identity(scope="filings:write"), "registry", jti="forged")
    head = base64.urlsafe_b64encode(json.dumps({**_head(forged), "kid": "gw-forged"}).encode())
    bearer = f"Bearer {head.rstrip(b'=').decode()}.{forged.partition('.')[2]}"
    async with httpx.AsyncClient(transport=town, base_url="http://registry") as registry:
        answer = await registry.get("/v1/filings", headers={"Authorization": bearer})
    assert answer.status_code == 401
    before = _kid(await rotating.token())
    Rotation(rotating.keys, None).rotate(now=True)
    new = await rotating.token()
    assert _kid(new) != before
    assert await rotating.filings(new) == 200


async def test_a_dropped_key_takes_its_tokens_along(rotating: Rotating) -> None:
    from datetime import timedelta

    old = await rotating.token()
    rotation = Rotation(rotating.keys, timedelta(days=1))
    rotation.rotate(now=True)
    rotation.drop(_kid(old), now=True)
    assert await rotating.status(old) == 401
    assert await rotating.status(await rotating.token()) == 200


async def test_a_token_that_was_seen_before_dies_with_its_key_too(
    rotating: Rotating, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    old = await rotating.token()
    assert await rotating.status(old) == 200  # from here on it is remembered
    rotation = Rotation(rotating.keys, timedelta(days=1))
    rotation.rotate(now=True)
    rotation.drop(_kid(old), now=True)
    monkeypatch.setattr(passports, "VERIFIED_FOR_S", 0)  # the minute is over
    assert await rotating.status(old) == 401


def _kid(token: str) -> str:
    return str(_head(token)["kid"])


def _head(token: str) -> dict[str, Any]:
    head = token.partition(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return found

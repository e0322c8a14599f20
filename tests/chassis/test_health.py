"""Alive is not ready: ready needs a database at its newest revision."""

from pathlib import Path

import pytest

from chassis.app import create_app
from chassis.keys import ensure_keys
from chassis.vault import ensure_vault
from services.registry.app import define
from services.registry.settings import RegistrySettings
from tests.chassis.village.homes import PEERS
from tests.chassis.village.life import Village
from tests.town import Town


async def test_a_migrated_house_is_alive_and_ready(town: Town) -> None:
    async with town.client("registry") as client:
        live, ready = await client.get("/health/live"), await client.get("/health/ready")
    assert (live.status_code, live.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "missing": []})


@pytest.mark.parametrize("database", ["nowhere", "unmigrated"])
async def test_a_house_without_its_database_is_alive_and_not_ready(
    village: Village, tmp_path: Path, database: str
) -> None:
    url = village.teller.state.settings.database_url
    ensure_keys(tmp_path / "keys.json", "reg")
    ensure_vault(tmp_path / "vault.json")
    settings = RegistrySettings(
        database_url=url if database == "unmigrated" else url.replace("teller", "nowhere"),
        keys_file=tmp_path / "keys.json",
        vault_file=tmp_path / "vault.json",
        peers=PEERS | {"registry": "http://lost", "training": "http://t", "financing": "http://f"},
        run_worker=False,
    )
    app = create_app(define(settings), transport=village.town)
    async with app.router.lifespan_context(app):
        village.town.apps["lost"] = app
        async with village.town.client("lost") as client:
            live, ready = await client.get("/health/live"), await client.get("/health/ready")
    del village.town.apps["lost"]
    assert live.status_code == 200
    assert (ready.status_code, ready.json()["missing"]) == (503, ["database"])


async def test_the_keys_that_a_process_shows_are_public(village: Village) -> None:
    async with village.town.client("teller") as client:
        answer = await client.get("/internal/v1/jwks")
    keys = answer.json()["keys"]
    # the one that signs, and the one that comes next
    assert village.teller.state.signer.kid in {key["kid"] for key in keys}
    assert not [key for key in keys if {"d", "status"} & key.keys()]

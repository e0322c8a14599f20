"""The gateway as `make run` starts it: a process of its own, told by its environment."""

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey

from chassis.keys import ensure_keys
from chassis.vault import ensure_vault
from local.vacant import free_port
from tests.town import create_database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib would rather see httpx's successor
    from authlib.integrations.httpx_client import AsyncOAuth2Client

ROOT = Path(__file__).resolve().parents[2]


def run(told: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", *words],
        cwd=ROOT,
        env=dict(told),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
async def told(worker: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    port = free_port()
    keys = Path(tmp_path_factory.mktemp("keys")) / "keys.json"
    vault = keys.with_name("vault.json")
    ensure_keys(keys, "gw")
    ensure_vault(vault)
    return {
        "PATH": os.environ["PATH"],
        "GATEWAY_PORT": str(port),
        "GATEWAY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "GATEWAY_DATABASE_URL": await create_database(f"t_{worker}_gateway_process"),
        "GATEWAY_KEYS_FILE": str(keys),
        "GATEWAY_VAULT_FILE": str(vault),
        "GATEWAY_PEERS": json.dumps(
            dict.fromkeys(("registry", "training", "financing"), "http://127.0.0.1:9")
        ),
    }


@pytest.fixture(scope="module")
def process(
    told: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The address of a running gateway and its demo accounts."""
    path = Path(tmp_path_factory.mktemp("demo")) / "demo.json"
    for words in (["prepare"], ["prepare"], ["accounts", str(path)]):
        done = run(told, *words)
        assert done.returncode == 0, done.stderr + done.stdout
    with subprocess.Popen([sys.executable, "-m", "gateway"], cwd=ROOT, env=told) as server:
        try:
            _await_life(told["GATEWAY_PUBLIC_URL"])
            yield told["GATEWAY_PUBLIC_URL"], json.loads(path.read_text())
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(60) in (0, -signal.SIGTERM)


def _await_life(url: str) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/health/live").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


async def test_a_client_library_gets_a_token_by_secret(
    process: tuple[str, dict[str, Any]],
) -> None:
    url, demo = process
    entry = demo["clients"]["registrar"]
    async with AsyncOAuth2Client(
        entry["client_id"], entry["client_secret"], scope="filings:correct"
    ) as client:
        found = await client.request(
            "GET", f"{url}/.well-known/oauth-authorization-server", withhold_token=True
        )
        token = await client.fetch_token(
            found.json()["token_endpoint"], grant_type="client_credentials"
        )
        me = await client.get(f"{url}/v1/me")
    assert token["scope"] == "filings:correct"
    assert me.json()["sub"] == entry["sub"]


async def test_a_client_library_gets_a_token_by_signing(
    process: tuple[str, dict[str, Any]],
) -> None:
    url, demo = process
    entry = demo["clients"]["bank_b"]
    key = ECKey.import_key(entry["private_key_jwk"])
    signing = PrivateKeyJWT(
        alg="ES256",
        headers={"kid": entry["private_key_jwk"]["kid"]},
        claims={"exp": int(time.time()) + 60},
    )
    async with AsyncOAuth2Client(
        entry["client_id"], key, token_endpoint_auth_method=signing
    ) as client:
        token = await client.fetch_token(f"{url}/oauth2/token", grant_type="client_credentials")
    assert token["scope"] == "lender:read lender:decide lender:report"


def test_the_process_says_who_is_missing(process: tuple[str, dict[str, Any]]) -> None:
    url, _ = process
    answer = httpx.get(f"{url}/health/ready")
    assert answer.json()["missing"] == ["registry", "training", "financing"]


def test_its_part_of_the_contract_needs_neither_settings_nor_a_database() -> None:
    done = run({"PATH": os.environ["PATH"]}, "openapi")
    assert json.loads(done.stdout)["paths"].keys() >= {"/me", "/oauth2/token", "/problems"}


def test_demo_accounts_are_refused_in_production(told: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    done = run({**told, "GATEWAY_ENVIRONMENT": "production"}, "accounts", str(path))
    assert done.returncode == 1
    assert done.stderr.strip() == "No demo accounts in production."
    assert not path.exists()


def test_accounts_need_a_place(told: dict[str, str]) -> None:
    done = run(told, "accounts")
    assert done.returncode == 1
    assert "python -m gateway accounts <path>" in done.stderr

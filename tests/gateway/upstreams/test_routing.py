import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from gateway.settings import GatewaySettings
from gateway.upstreams.file import FileRefused, read
from gateway.upstreams.routing import Routing

OWN = {"users", "organisations", "me"}
GOOD = """
[addresses]
registry = ["http://10.0.0.1:8001", "http://10.0.0.2:8001/"]

[routes]
cooperative-maps = "training"
filings = "financing"
"""


def made(file: Path | None = None, **changes: object) -> GatewaySettings:
    told = {"database_url": "postgresql://x/x", "keys_file": "x", "vault_file": "x"}
    return GatewaySettings.model_validate({**told, "routes_file": file, **changes})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "routes.toml"
    path.write_text("")
    return path


def service_of(routing: Routing, path: bytes) -> str | None:
    way = routing.find(path)
    return way.service if way else None


def test_without_a_file_the_table_is_the_built_in_one() -> None:
    routing = Routing(made())
    assert service_of(routing, b"/v1/filings/1") == "registry"
    assert routing.places()["training"] == ["http://127.0.0.1:8002"]


def test_a_reload_brings_addresses_and_routes(file: Path) -> None:
    routing = Routing(made(file), OWN)
    file.write_text(GOOD)
    assert routing.reload()
    assert routing.places()["registry"] == ["http://10.0.0.1:8001", "http://10.0.0.2:8001"]
    assert routing.places()["training"] == ["http://127.0.0.1:8002"]
    assert service_of(routing, b"/v1/cooperative-maps/1") == "training"
    assert service_of(routing, b"/v1/filings") == "financing"
    file.write_text("")
    assert routing.reload()
    assert service_of(routing, b"/v1/filings") == "registry"
    assert routing.find(b"/v1/cooperative-maps") is None
    assert routing.places()["registry"] == ["http://127.0.0.1:8001"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[addresses", "Expected"),
        ("[adresses]", "adresses"),
        ("[addresses]\nledger = ['http://a:1']", "ledger"),
        ("[addresses]\nregistry = []", "at least 1"),
        ("[addresses]\nregistry = ['http://a:1', 'http://a:1']", "once"),
        ("[addresses]\nregistry = ['http://a:1', 'http://a:1/']", "once"),
        ("[addresses]\nregistry = ['ftp://a:1']", "http(s)"),
        ("[addresses]\nregistry = ['http://a:1/path']", "http(s)"),
        ("[addresses]\nregistry = ['http://u:p@a:1']", "http(s)"),
        ("[addresses]\nregistry = ['http://a:99999']", "Port"),
        ("[addresses]\nregistry = 'http://a:1'", "list"),
        ("[routes]\nfilings = 'nobody'", "nobody"),
        ("[routes]\n'a/b' = 'registry'", "pattern"),
        ("[routes]\nusers = 'registry'", "users"),
        ("[routes]\nverifications = 'registry'", "verifications"),
        (GOOD + "\n[routes.more]\nx = 'registry'", "more"),
    ],
)
def test_a_file_that_does_not_hold_changes_nothing_and_is_told(
    file: Path, text: str, told: str
) -> None:
    file.write_text(GOOD)
    routing = Routing(made(file), OWN)
    before = routing.places(), routing.find(b"/v1/filings")
    file.write_text(text)
    with capture_logs() as logs:
        assert not routing.reload()
    assert (routing.places(), routing.find(b"/v1/filings")) == before
    (line,) = logs
    assert line["event"] == "routes_refused"
    assert told in line["error"] or told == "nobody"


def test_a_file_that_is_not_there_is_one_that_does_not_hold(file: Path) -> None:
    routing = Routing(made(file))
    file.unlink()
    assert not routing.reload()
    with pytest.raises(FileRefused):
        Routing(made(file))


def test_what_was_begun_ends_on_the_old_address(file: Path) -> None:
    routing = Routing(made(file))
    old = routing.upstreams["registry"].choose()
    old.began()
    file.write_text(GOOD)
    assert routing.reload()
    assert routing.upstreams["registry"].choose() is not old
    assert old.url == "http://127.0.0.1:8001"


def test_what_is_said_of_passwords_stays_unsaid(file: Path) -> None:
    file.write_text("[addresses]\nregistry = ['http://u:hunter2@a:1']")
    with pytest.raises(FileRefused) as refused:
        read(file)
    assert "hunter2" not in str(refused.value)


def test_peers_name_one_address_or_several() -> None:
    peers = {"registry": ["http://a:1/", "http://b:1"], "training": "http://c:1"}
    settings = made(peers={**peers, "financing": ["http://d:1"]})
    assert settings.peers["registry"] == "http://a:1"
    assert settings.addresses_of("registry") == ["http://a:1", "http://b:1"]
    assert settings.addresses_of("training") == ["http://c:1"]
    assert settings.addresses_of("financing") == ["http://d:1"]


def test_peers_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    peers = {"registry": ["http://a:1", "http://b:1"], "training": "http://c:1"}
    monkeypatch.setenv("GATEWAY_PEERS", json.dumps({**peers, "financing": "http://d:1"}))
    monkeypatch.setenv("GATEWAY_PATIENCE", '{"READS": {"read_s": 3}}')
    settings = GatewaySettings(
        database_url="postgresql://x/x", keys_file=Path("x"), vault_file=Path("x")
    )
    assert settings.addresses_of("registry") == ["http://a:1", "http://b:1"]
    assert settings.patience == {"READS": {"read_s": 3}}


@pytest.mark.parametrize(
    "changes",
    [
        {"peers": {"registry": ["http://a:1"]}},
        {"peers": dict.fromkeys(("registry", "training", "financing"), ("http://a:1",) * 2)},
        {"patience": {"READS": {"read_s": 0}}},
        {"patience": {"SLEEPS": {"read_s": 1}}},
        {"patience": {"READS": {"sleep_s": 1}}},
    ],
)
def test_settings_without_sense_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        made(None, **json.loads(json.dumps(changes)))

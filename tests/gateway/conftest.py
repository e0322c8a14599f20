"""A gateway that really runs, with demo accounts, in front of services that write down what
they are sent."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from chassis.app import create_app
from chassis.keys import KeyFile, ensure_keys
from chassis.protocol import PatientProtocol
from chassis.serve import prepare
from chassis.vault import ensure_vault
from gateway.accounts.create import make_accounts
from gateway.app import define
from gateway.limits.meters import Meters, Moment
from gateway.limits.tiers import Rate, RouteClass
from gateway.plane.protocol import GatewayProtocol
from gateway.settings import GatewaySettings
from tests.gateway.bureau import Bureau, bureau_at
from tests.gateway.world import Gateway, Recorder
from tests.town import Town, create_database, role_for
from tests.witness import witness_of

FRONTEND = "http://127.0.0.1:5173"


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # they are pytest's


def protocol_of(app: Any) -> type[PatientProtocol]:
    """The gateway is served by its own, everybody else by what has no short cuts."""
    is_gateway = isinstance(app, FastAPI) and hasattr(app.state, "plane")
    return GatewayProtocol if is_gateway else PatientProtocol


@asynccontextmanager
async def serving(
    app: Any,
    found: socket.socket,
    lifespan: str = "off",
    protocol: Callable[..., PatientProtocol] | None = None,
) -> AsyncIterator[uvicorn.Server]:
    http: Any = protocol or protocol_of(app)  # uvicorn wants a class, and only calls it
    config = uvicorn.Config(
        app,
        lifespan="on" if lifespan == "on" else "off",
        http=http,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[found]))
    await server.is_up.wait()
    yield server
    server.should_exit = True
    await running


@asynccontextmanager
async def joined(gateway: FastAPI, town: Town) -> AsyncIterator[str]:
    """A gateway on a socket before the town's registry on another; where it answers."""
    front, back, registry = bound(), bound(), town.apps["registry"]
    gateway.state.routing.upstreams["registry"].move([url_of(back)])
    town.apps["127.0.0.1"] = registry  # for who looks whether it is well
    async with serving(registry, back), serving(gateway, front):
        yield url_of(front)
    del town.apps["127.0.0.1"]


def bound() -> socket.socket:
    found = socket.socket()
    found.bind(("127.0.0.1", 0))
    return found


def url_of(found: socket.socket) -> str:
    return f"http://127.0.0.1:{found.getsockname()[1]}"


@pytest.fixture(scope="session")
async def services() -> AsyncIterator[dict[str, Recorder]]:
    """Registry and training answer; nobody listens at financing's address, which stays taken."""
    recorders = {}
    sockets = {name: bound() for name in ("registry", "training", "financing")}
    for name, found in sockets.items():
        recorders[name] = Recorder(url_of(found))
    async with (
        serving(recorders["registry"], sockets["registry"]),
        serving(recorders["training"], sockets["training"]),
    ):
        yield recorders
    sockets["financing"].close()


@pytest.fixture(scope="session")
async def settings(
    worker: str, town: Town, services: dict[str, Recorder], gateway_socket: socket.socket
) -> GatewaySettings:
    keys = town.folder / "gateway.json"
    vault = town.folder / "gateway-vault.json"
    ensure_keys(keys, "gw")
    ensure_vault(vault)
    url = await create_database(f"t_{worker}_gateway")
    made = GatewaySettings(
        environment="test",
        database_url=await role_for(url),
        owner_url=url,
        keys_file=keys,
        vault_file=vault,
        public_url=url_of(gateway_socket),
        peers={name: recorder.url for name, recorder in services.items()},
        upstream_silence_s=1.0,
        upstream_failures=1_000_000,  # what one test breaks is whole for the next
        upstream_check_s=0,
        upstream_body_bytes=24 * 1_048_576,
        overview_patience_s=5.0,  # who is well must have answered, on a busy machine too
        limit_factor=10_000,
        cors_origins=[FRONTEND],
    )
    await asyncio.to_thread(prepare, define(made))
    return made


@pytest.fixture(scope="session")
def gateway_socket() -> socket.socket:
    return bound()


@pytest.fixture(scope="session")
async def demo(
    settings: GatewaySettings, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    path = Path(tmp_path_factory.mktemp("demo")) / "demo.json"
    await make_accounts(settings, path)
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.fixture(scope="session")
async def gateway(
    settings: GatewaySettings, demo: dict[str, Any], gateway_socket: socket.socket
) -> AsyncIterator[Gateway]:
    app = create_app(define(settings))
    async with serving(app, gateway_socket, lifespan="on"):
        private = KeyFile(settings.keys_file).current
        yield Gateway(settings.public_url, app, private, demo)


async def _look(answer: httpx.Response) -> None:
    witness = witness_of("gateway")
    assert witness is not None
    await witness.look(answer.request, answer)


WITNESSED: Any = {"response": [_look]}


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30, event_hooks=WITNESSED) as found:
        yield found


@pytest.fixture
def registry(services: dict[str, Recorder]) -> Recorder:
    return services["registry"]


@pytest.fixture(scope="session")
async def gateway_in_town(
    town: Town, settings: GatewaySettings, demo: dict[str, Any]
) -> AsyncIterator[FastAPI]:
    """The same gateway, joined in memory to the real registry."""
    peers = {name: f"http://{name}" for name in ("registry", "training", "financing")}
    changed = settings.model_copy(update={"public_url": "http://gateway", "peers": peers})
    app = create_app(define(changed), transport=town)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
async def gateway_before_registry(
    town: Town, settings: GatewaySettings, demo: dict[str, Any]
) -> AsyncIterator[str]:
    """The address of the same gateway in front of the real registry."""
    front, behind = bound(), bound()
    peers = {**settings.peers, "registry": url_of(behind)}
    changes = {"peers": peers, "upstream_silence_s": 30.0}
    app = create_app(define(settings.model_copy(update=changes)))
    async with serving(town.apps["registry"], behind), serving(app, front, lifespan="on"):
        yield url_of(front)


@pytest.fixture(scope="session")
async def waiting_port(settings: GatewaySettings, demo: dict[str, Any]) -> AsyncIterator[int]:
    """The port of the same gateway, which gives a service ten minutes: whatever ends here is not
    ended by its patience."""
    app, found = (
        create_app(define(settings.model_copy(update={"upstream_silence_s": 600.0}))),
        bound(),
    )
    async with serving(app, found, lifespan="on"):
        yield found.getsockname()[1]


@dataclass
class Hand:
    """A clock for limits that a test turns."""

    ns: int = 1_000_000_000_000
    day: int = 700_000
    day_left_s: int = 3_600

    def __call__(self) -> Moment:
        return Moment(self.ns, self.day, self.day_left_s)

    def pass_s(self, seconds: float) -> None:
        self.ns += int(seconds * 1_000_000_000)


@dataclass
class Narrow:
    """The same gateway with hardly any room: its address, its clock, its application."""

    url: str
    app: FastAPI
    hand: Hand


@pytest.fixture(scope="session")
async def narrow_app(
    settings: GatewaySettings, demo: dict[str, Any]
) -> AsyncIterator[tuple[str, FastAPI]]:
    quotas = {"PUBLIC": 4, "READS": 5, "WRITES": 2, "HEAVY": 2, "TOKENS": 3, "SIGN_IN": 2}
    standard = {
        RouteClass(name): Rate(quota=quota, window_s=60, daily=quota + 3)
        for name, quota in quotas.items()
    }
    changes = {"tiers": {"STANDARD": standard}, "limit_factor": 1}
    app = create_app(define(settings.model_copy(update=changes)))
    found = bound()
    async with serving(app, found, lifespan="on"):
        yield url_of(found), app


@pytest.fixture
def narrow(narrow_app: tuple[str, FastAPI]) -> Narrow:
    url, app = narrow_app
    hand = Hand()
    app.state.limits.now = hand
    app.state.limits.clients = Meters(50)
    app.state.limits.addresses = Meters(50)
    return Narrow(url, app, hand)


@pytest.fixture(scope="session")
async def bureau(town: Town, worker: str) -> AsyncIterator[Bureau]:
    """A gateway joined in memory, for administration."""
    async with bureau_at(town, f"t_{worker}_bureau") as found:
        yield found

"""Who takes part: PostgreSQL, the registry as it is deployed, its peers; a process for each."""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from signal import SIGTERM
from typing import Any
from uuid import uuid4

from bench import cpu
from bench.doors import Process, listens
from chassis.auth import GATEWAY_ISSUER, INTERNAL_TYP
from chassis.jose import Signer
from chassis.keys import KeyFile, ensure_keys
from chassis.vault import ensure_vault
from local import children
from local.databases import own_databases
from local.errors import CannotRun
from local.health import is_ready
from local.members import ROOT
from local.postgres import Cluster
from local.vacant import free_port

_PEERS = ROOT / "bench/.venv/bin/gunicorn"
_READY_S = 60.0
_ABSENT = dict.fromkeys(("training", "financing"), "http://127.0.0.1:9")  # nobody listens there


@dataclass
class Stage:
    """One database of the registry, and whoever answers from it."""

    cluster: Cluster
    folder: Path
    issuer: "Issuer"
    url: str
    stack: ExitStack
    filled: int = 0  # cooperatives
    running: list[children.Child] = field(default_factory=list)

    @property
    def postgres(self) -> int:
        """The process id of PostgreSQL."""
        if self.cluster.child is None:
            raise CannotRun("PostgreSQL has ended.")
        return self.cluster.child.pid

    @property
    def superuser_url(self) -> str:
        """The same database, with every right."""
        return self.cluster.url(self.url.partition("?")[0].rpartition("/")[2])

    def registry(self, *words: str, works: bool = False) -> Process:
        """The registry, serving; with `words`, a command of it, run to its end. Deliveries, timers
        and imports belong to another process unless it `works`."""
        port = free_port()
        env = {**self.told(port), "REGISTRY_RUN_WORKER": str(works).lower()}
        process = self._start("registry", [sys.executable, "-m", "services.registry", *words], env)
        if words:
            if process.wait() != 0:
                raise CannotRun(f"{words}: see {self.folder / 'registry.log'}")
            return Process(process.pid, 0)
        return self._await(process, port, lambda: is_ready(port))

    def told(self, port: int) -> dict[str, str]:
        """The environment of the registry."""
        ensure_keys(self.folder / "registry.json", "reg")
        ensure_vault(self.folder / "registry.vault.json")
        return {
            **os.environ,
            "REGISTRY_PORT": str(port),
            "REGISTRY_DATABASE_URL": self.url,
            "REGISTRY_KEYS_FILE": str(self.folder / "registry.json"),
            "REGISTRY_VAULT_FILE": str(self.folder / "registry.vault.json"),
            "REGISTRY_PEERS": json.dumps({"gateway": self.issuer.address, **_ABSENT}),
        }

    def peer(self, module: str) -> Process:
        """A peer behind gunicorn: one process, eight threads, connections kept."""
        port = free_port()
        words = ["-w", "1", "--threads", "8", "--keep-alive", "75", "--backlog", "2048"]
        command = [str(_PEERS), *words, "-b", f"127.0.0.1:{port}", f"{module}:application"]
        env = {**os.environ, "BENCH_DATABASE_URL": self.url}
        process = self._start(module.rpartition(".")[2], command, env)
        return self._await(process, port, lambda: listens(port))

    def _start(self, name: str, command: list[str], env: Mapping[str, str]) -> children.Child:
        log = self.folder / f"{name}.log"
        process = children.start(command, log=log, env=env, cwd=ROOT)
        os.sched_setaffinity(process.pid, cpu.OF_THE_MEASURED)
        self.running.append(process)
        return process

    def _await(self, process: children.Child, port: int, is_up: Any) -> Process:
        deadline = time.monotonic() + _READY_S
        while not is_up():
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotRun(f"What should listen on {port} does not: see {self.folder}")
            time.sleep(0.05)
        return Process(process.pid, port)

    def stop(self) -> None:
        """End whoever answers."""
        children.stop(self.running, by=SIGTERM, patience_s=5)
        self.running.clear()


@contextmanager
def stage(cluster: Cluster, folder: Path) -> Iterator[Stage]:
    """A registry's database with its schema and its reference data."""
    with ExitStack() as stack:
        issuer = stack.enter_context(Issuer.open(folder))
        url = asyncio.run(own_databases(cluster, ["registry"]))["registry"]
        made = Stage(cluster, folder, issuer, url, stack)
        stack.callback(made.stop)
        made.registry("prepare")
        yield made


class Issuer:
    """Stands where the gateway stands: publishes its keys and mints the tokens of one caller."""

    def __init__(self, keys: KeyFile, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._signer = Signer(keys.current)

    @staticmethod
    @contextmanager
    def open(folder: Path) -> "Iterator[Issuer]":
        """Publish the keys as long as the block runs."""
        ensure_keys(folder / "gateway.json", "gw")
        keys = KeyFile(folder / "gateway.json")
        published = json.dumps({"keys": keys.public()}).encode()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(published))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Issuer(keys, server.server_address[1])
        finally:
            server.shutdown()
            server.server_close()

    def token(self, scope: str, *territory: str, lifetime_s: int = 60) -> str:
        """A token for the registry."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": GATEWAY_ISSUER, "aud": "registry", "sub": "bench", "client_id": "bench",
            "org": "org-bench", "scope": scope, "roles": [], "territory": [*territory],
            "lender_id": None, "jti": uuid4().hex, "iat": now, "exp": now + lifetime_s,
        }  # fmt: skip
        return self._signer.token(claims, INTERNAL_TYP)


def _handler(published: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(published)))
            self.end_headers()
            self.wfile.write(published)

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler

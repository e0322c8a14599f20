"""What may stand before a service: our gateway, nginx, HAProxy, and what most people write."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM
from socket import create_connection
from typing import Any
from uuid import uuid4

from bench import cpu
from bench.front import configurations
from chassis.jose import Signer
from chassis.keys import KeyFile, ensure_keys
from chassis.vault import ensure_vault
from gateway.issuer.tokens import ACCESS_TYP
from gateway.settings import SERVICES
from local import children
from local.databases import own_databases
from local.errors import CannotRun
from local.health import is_ready
from local.members import ROOT
from local.postgres import Cluster
from local.vacant import free_port

_READY_S = 120.0
_WIDE = "1000000"  # what is measured is never what is allowed
ISSUER = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Process:
    """Somebody who listens."""

    pid: int
    port: int


@dataclass
class Doors:
    """Processes before (and behind) one another, all of them ended by `stop`."""

    cluster: Cluster
    folder: Path
    cores: set[int] = field(default_factory=lambda: cpu.OF_THE_MEASURED)
    running: list[children.Child] = field(default_factory=list)
    keys: Path | None = None  # what our gateway signs with; else its own
    _database: str = ""

    def gateway(self, behind: int, **told: str) -> Process:
        """Our gateway, every service of which is at the port `behind`."""
        port = free_port()
        env = self._environment(port, behind) | told
        if not self._database:
            self._database = asyncio.run(own_databases(self.cluster, ["gateway"]))["gateway"]
            env["GATEWAY_DATABASE_URL"] = self._database
            self._once([sys.executable, "-m", "gateway", "prepare"], env)
        env["GATEWAY_DATABASE_URL"] = self._database
        return self._open("gateway", [sys.executable, "-m", "gateway"], port=port, env=env)

    def nginx(self, behind: int, extra: str = "") -> Process:
        """nginx with one worker and connections that are kept; `extra` joins its server block."""
        return self._nginx(configurations.nginx_before(behind, extra))

    def trivial(self) -> Process:
        """nginx that answers 571 bytes of JSON at every address of a service."""
        return self._nginx(configurations.nginx_alone())

    def haproxy(self, behind: int) -> Process:
        """HAProxy with one thread and connections that are kept."""
        port = free_port()
        file = self.folder / f"haproxy-{port}.cfg"
        file.write_text(configurations.haproxy_before(port, behind), encoding="utf-8")
        return self._open("haproxy", [program("haproxy"), "-db", "-f", str(file)], port=port)

    def naive(self, behind: int) -> Process:
        """FastAPI with httpx as it comes out of the box, and a token verified at each request."""
        port, keys = free_port(), KeyFile(self._keys()).public()
        env = os.environ | {
            "BENCH_UPSTREAM": f"http://127.0.0.1:{behind}",
            "BENCH_KEYS": json.dumps({"keys": keys}),
        }
        words = f"-m uvicorn bench.front.naive:app --port {port} --no-access-log"
        return self._open("naive", [sys.executable, *words.split()], port=port, env=env)

    def token(self, sub: str = "bench", scope: str = "registry:read", lifetime_s: int = 900) -> str:
        """A token as our gateway issues them."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER, "aud": ISSUER, "sub": sub, "client_id": sub, "tier": "STANDARD",
            "org": "org-bench", "scope": scope, "roles": [], "territory": [], "lender_id": None,
            "jti": uuid4().hex, "iat": now, "iat_ms": now * 1000, "exp": now + lifetime_s,
        }  # fmt: skip
        return Signer(KeyFile(self._keys()).current).token(claims, ACCESS_TYP)

    def stop(self) -> None:
        """End them all."""
        children.stop(self.running, by=SIGTERM, patience_s=10)
        self.running.clear()

    def _keys(self) -> Path:
        path = self.keys or self.folder / "gateway.json"
        ensure_keys(path, "gw")
        return path

    def _environment(self, port: int, behind: int) -> dict[str, str]:
        ensure_vault(self.folder / "gateway.vault.json")
        return {
            **os.environ,
            "GATEWAY_PORT": str(port),
            "GATEWAY_PUBLIC_URL": ISSUER,
            "GATEWAY_KEYS_FILE": str(self._keys()),
            "GATEWAY_VAULT_FILE": str(self.folder / "gateway.vault.json"),
            "GATEWAY_PEERS": json.dumps(dict.fromkeys(SERVICES, f"http://127.0.0.1:{behind}")),
            "GATEWAY_LIMIT_FACTOR": _WIDE,
            "GATEWAY_MAIL_FOLDER": str(self.folder / "outbox"),
            "GATEWAY_RUN_WORKER": "false",
        }

    def _nginx(self, text: str) -> Process:
        port = free_port()
        home = self.folder / f"nginx-{port}"
        home.mkdir(mode=0o700)
        (home / "nginx.conf").write_text(
            text.replace("PORT", str(port)).replace("HOME", str(home)), encoding="utf-8"
        )
        command = [program("nginx"), "-p", str(home), "-c", "nginx.conf", "-e", str(home / "log")]
        return self._open("nginx", command, port=port)

    def _once(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, check=False)
        if done.returncode:
            raise CannotRun(f"{command}: {done.stderr.decode(errors='replace')[-800:]}")

    def _open(
        self,
        name: str,
        command: Sequence[str],
        *,
        port: int,
        env: Mapping[str, str] = os.environ,
    ) -> Process:
        log = self.folder / f"{name}.log"
        process = children.start(command, log=log, env=env, cwd=ROOT)
        os.sched_setaffinity(process.pid, self.cores)
        self.running.append(process)
        deadline = time.monotonic() + _READY_S
        while not (is_ready(port) if name == "gateway" else listens(port)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotRun(f"{name} does not answer on {port}: see {log}")
            time.sleep(0.05)
        return Process(process.pid, port)


def program(name: str) -> str:
    """Where a program is; those for operators are not on everybody's path."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise CannotRun(f"There is no {name} here: install it (Debian: apt install {name}).")
    return found


def listens(port: int) -> bool:
    """Whether anybody does."""
    try:
        create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True

"""Somebody at a terminal: runs `python -m local`, with fakes in the town, and reads its words."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

from local.members import MEMBERS, ROOT
from local.trial import free_ports

_PATIENCE_S = 120.0
# Set to nothing: what is set is not read from a `.env` that lies in the project's folder.
_DATABASES = [member.variable("DATABASE_URL") for member in MEMBERS]
_UNSET = dict.fromkeys(("DATABASE_URL", *_DATABASES, "MBOOLO_DEMO", "PG_BIN"), "")


class Terminal:
    """One terminal; `env` holds the variables set there."""

    def __init__(self, folder: Path) -> None:
        self.env = {**os.environ, **_UNSET, **free_ports(), "MBOOLO_DATA": str(folder)}
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *words: str, **env: str) -> "subprocess.Popen[str]":
        """Start `python -m local <words>` and return at once."""
        with (self.folder.parent / "said").open("w") as said:
            town = subprocess.Popen(
                [sys.executable, "-m", "tests.local.fake_town", *words],
                env={**self.env, **env},
                cwd=ROOT,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.started.append(town)
        return town

    def run(self, *words: str, **env: str) -> tuple[int, str]:
        """Run it to its end; exit code and everything it said."""
        code = self.start(*words, **env).wait(_PATIENCE_S)
        return code, self.said

    def up(self) -> "subprocess.Popen[str]":
        """Start a town and return when it says that it is ready."""
        town = self.start("up")
        self.until(lambda: "Mboolo is ready" in self.said or town.poll() is not None)
        assert town.poll() is None, self.said
        return town

    @property
    def said(self) -> str:
        """What the last one has written so far."""
        return (self.folder.parent / "said").read_text()

    @staticmethod
    def until(holds: Callable[[], bool]) -> None:
        """Return when it holds; fail when it takes too long."""
        deadline = monotonic() + _PATIENCE_S
        while not holds():
            assert monotonic() < deadline, "it did not happen in time"
            sleep(0.05)

    def ask(self, name: str) -> dict[str, str]:
        """What a process answers: its environment and its process id; empty if it does not."""
        port = int(self.env[f"{name.upper()}_PORT"])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/health/ready")
            answer = connection.getresponse()
            told: dict[str, str] = json.loads(answer.read()) if answer.status == 200 else {}
        except OSError:
            return {}
        finally:
            connection.close()
        return told

    def pids(self) -> list[int]:
        """The process ids of the four servers and of PostgreSQL."""
        servers = [int(self.ask(member.name)["pid"]) for member in MEMBERS]
        return [*servers, self.server_pid()]

    def server_pid(self) -> int:
        """The process id of the embedded PostgreSQL."""
        return int((self.folder / "pgdata-18" / "postmaster.pid").read_text().splitlines()[0])

    def close(self) -> None:
        """End what is still running, and wait for the processes that depend on it."""
        for town in self.started:
            if town.poll() is None:
                town.send_signal(signal.SIGTERM)
            town.wait(_PATIENCE_S)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"

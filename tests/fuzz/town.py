"""A town that lives as long as the run: four processes and a PostgreSQL of its own."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from local.folder import MARK, remove_folder
from local.lifeline import dying_with_us
from local.members import MEMBERS, ROOT
from local.postgres import Cluster
from tests.local.terminal import free_ports

_PATIENCE_S = 120.0


@dataclass(frozen=True)
class RunningTown:
    """Where it is, and where its files are."""

    folder: Path
    cluster: Cluster
    process: "subprocess.Popen[bytes]"
    ports: dict[str, int]

    @property
    def base(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def accounts(self) -> Path:
        """The demo accounts."""
        return self.folder / "demo.json"

    def database(self, service: str) -> str:
        """The URL of a service's database."""
        return self.cluster.url(f"mboolo_{service}")

    def log(self, service: str) -> str:
        """Everything that a process has written so far."""
        file = self.folder / "logs" / f"{service}.log"
        return file.read_text(encoding="utf-8", errors="replace")

    def pids(self) -> dict[str, int]:
        """The processes by name, found by the port on which each listens."""
        return {name: _listener(port) for name, port in self.ports.items()}


@contextmanager
def running_town(cluster: Cluster, **told: str) -> Iterator[RunningTown]:
    """Start it, give it, end it; `told` are further environment variables of its processes."""
    outer = Path(tempfile.mkdtemp(prefix="mboolo-fuzz-"))
    ports = free_ports()
    folder = outer / "data"
    environment = {**os.environ, **ports, **told, "MBOOLO_DATA": str(folder)}
    environment |= {"DATABASE_URL": cluster.url(), "MBOOLO_DEMO": "1"}
    with (outer / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "local", "up"],
            env=environment,
            cwd=ROOT,
            stdout=said,
            stderr=subprocess.STDOUT,
            preexec_fn=dying_with_us(signal.SIGTERM),  # noqa: PLW1509  it makes two system calls
        )
    numbers = {m.name: int(ports[m.variable("PORT")]) for m in MEMBERS}
    try:
        _await_ready(process, outer / "said")
        yield RunningTown(folder, cluster, process, numbers)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        if (folder / MARK).exists():
            remove_folder(folder)
        (outer / "said").unlink()
        outer.rmdir()


def _await_ready(process: "subprocess.Popen[bytes]", said: Path) -> None:
    deadline = monotonic() + _PATIENCE_S
    while "Mboolo is ready" not in said.read_text():
        if process.poll() is not None or monotonic() > deadline:
            raise RuntimeError(f"the town did not start:\n{said.read_text()}")
        sleep(0.1)


def _listener(port: int) -> int:
    wanted = f"0100007F:{port:04X}"
    inodes = {
        fields[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if (fields := line.split())[1] == wanted and fields[3] == "0A"
    }
    sockets = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(found) in sockets for found in (process / "fd").iterdir()):
                return int(process.name)
        except OSError:
            continue
    raise RuntimeError(f"nobody listens on {port}")

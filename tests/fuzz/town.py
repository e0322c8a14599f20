"""A town that lives as long as the run: four processes and a PostgreSQL of its own."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.postgres import Cluster
from local.trial import trial_town


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
    with (
        tempfile.TemporaryDirectory(prefix="mboolo-fuzz-") as folder,
        trial_town(Path(folder), DATABASE_URL=cluster.url(), **told) as trial,
    ):
        yield RunningTown(trial.data, cluster, trial.process, trial.ports)


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

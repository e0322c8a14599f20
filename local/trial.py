"""A town for as long as a trial lasts: free ports, a folder of its own, ended with the block."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from local.lifeline import dying_with_us
from local.members import MEMBERS, ROOT
from local.vacant import vacant_ports

_PATIENCE_S = 300.0
_READY = "Mboolo is ready"
_COMMAND = [sys.executable, "-m", "local", "up"]


class DidNotStart(Exception):
    """The town is not ready; the message is what it said."""


@dataclass(frozen=True)
class Trial:
    """Where it is: the folder of its data, the ports of its members, the process that keeps it."""

    data: Path
    ports: dict[str, int]
    process: "subprocess.Popen[bytes]"

    @property
    def origin(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def accounts(self) -> Path:
        """The file of its demo accounts."""
        return self.data / "demo.json"


@contextmanager
def trial_town(folder: Path, **told: str) -> Iterator[Trial]:
    """Start one with its data in `folder`, give it, end it; `told` are more variables of its
    environment. Raises `DidNotStart`."""
    ports, data, said = free_ports(), folder / "data", folder / "said"
    environment = {**os.environ, **ports, "MBOOLO_DATA": str(data), "MBOOLO_DEMO": "1", **told}
    with said.open("wb") as output:
        process = subprocess.Popen(
            _COMMAND,
            env=environment,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=dying_with_us(signal.SIGTERM),  # noqa: PLW1509  it makes two system calls
        )
        numbers = {member.name: int(ports[member.variable("PORT")]) for member in MEMBERS}
        try:
            _await_ready(process, said)
            yield Trial(data, numbers, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _await_ready(process: "subprocess.Popen[bytes]", said: Path) -> None:
    deadline = monotonic() + _PATIENCE_S
    while _READY not in said.read_text(encoding="utf-8", errors="replace"):
        if process.poll() is not None or monotonic() > deadline:
            raise DidNotStart(said.read_text(encoding="utf-8", errors="replace"))
        sleep(0.1)


def free_ports() -> dict[str, str]:
    """`REGISTRY_PORT` and so on: ports that nobody holds, no two alike."""
    numbers = vacant_ports(len(MEMBERS))
    return {
        member.variable("PORT"): str(number)
        for member, number in zip(MEMBERS, numbers, strict=True)
    }

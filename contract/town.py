"""A town of its own for as long as a trial lasts: free ports, an empty folder, demo accounts."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import httpx

from contract.refusals import CannotJudge
from contract.tools import HERE
from local.members import MEMBERS

_PATIENCE_S = 180.0
_SERVERS = ["DATABASE_URL", *(member.variable("DATABASE_URL") for member in MEMBERS)]


@contextmanager
def running_town() -> Iterator[tuple[str, Path]]:
    """The town's address and the file with its demo accounts."""
    with TemporaryDirectory() as home, ExitStack() as stack:
        ports = _free_ports()
        said = stack.enter_context((Path(home) / "said").open("w+"))
        told = {
            **os.environ,
            **dict.fromkeys(_SERVERS, ""),  # a trial leaves nothing in anybody's databases
            **ports,
            "MBOOLO_DATA": f"{home}/data",
            "MBOOLO_DEMO": "1",
        }
        command = [sys.executable, "-m", "local", "up"]
        town = stack.enter_context(
            subprocess.Popen(command, env=told, cwd=HERE.parent, stdout=said, stderr=said)
        )
        stack.callback(town.terminate)
        origin = f"http://127.0.0.1:{ports['GATEWAY_PORT']}"
        if not _is_ready(town, origin):
            said.seek(0)
            raise CannotJudge(f"The town did not start:\n{said.read()}")
        yield origin, Path(home) / "data" / "demo.json"


def _is_ready(town: "subprocess.Popen[bytes]", origin: str) -> bool:
    deadline = monotonic() + _PATIENCE_S
    while town.poll() is None and monotonic() < deadline:
        try:
            if httpx.get(f"{origin}/health/ready").status_code == 200:
                return True
        except httpx.TransportError:
            pass
        sleep(0.2)
    return False


def _free_ports() -> dict[str, str]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in MEMBERS]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        numbers = [str(probe.getsockname()[1]) for probe in probes]
    return {
        member.variable("PORT"): number for member, number in zip(MEMBERS, numbers, strict=True)
    }

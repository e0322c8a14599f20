"""A part of the suite, tried far longer than `make check` has time for."""

import os
import subprocess
import sys

from local.postgres import Cluster

# What pytest ends with: all passed, or something did not. Every other ending proves neither.
_ENDINGS = {0: True, 1: False}


def tried(cluster: Cluster, path: str, **asked: int) -> bool | None:
    """Whether every test of a file passed; None when they did not come to their end."""
    said = {name: str(value) for name, value in asked.items()}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", path],
        env={**os.environ, "MBOOLO_TEST_SERVER": cluster.url(), **said},
        check=False,
    )
    return _ENDINGS.get(done.returncode)

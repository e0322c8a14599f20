"""Two thousand random tamperings with a register, by somebody with every right: each is found."""

import os
import subprocess
import sys
from pathlib import Path

from local.postgres import Cluster

TIMES = 2_000


def report(cluster: Cluster, _: Path) -> bool:
    """Try them; whether the verifier found each."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/registry/test_tampering.py"],
        env={**os.environ, "MBOOLO_TEST_SERVER": cluster.url(), "MBOOLO_TAMPERINGS": str(TIMES)},
        check=False,
    )
    sys.stdout.write(
        f"tamper: {TIMES} tried, {'each found' if done.returncode == 0 else 'NOT all found'}\n"
    )
    return done.returncode == 0

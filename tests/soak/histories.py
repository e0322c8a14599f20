"""Two thousand random histories of a cooperative, against a naive replay of its filings."""

import os
import subprocess
import sys
from pathlib import Path

from local.postgres import Cluster

TIMES = 2_000


def report(cluster: Cluster, _: Path) -> bool:
    """Try them; whether the register said what the replay says."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/registry/test_histories.py"],
        env={**os.environ, "MBOOLO_TEST_SERVER": cluster.url(), "MBOOLO_HISTORIES": str(TIMES)},
        check=False,
    )
    kept = done.returncode == 0
    sys.stdout.write(f"histories: {TIMES} replayed, {'none' if kept else 'SOME'} differed\n")
    return kept

"""Two thousand random histories of a cooperative, against a naive replay of its filings."""

import sys
from pathlib import Path

from local.postgres import Cluster
from tests.soak.suites import tried

TIMES = 2_000
_SAID = {
    True: f"{TIMES} replayed, none differed",
    False: f"of {TIMES}, SOME differed",
    None: f"INTERRUPTED before {TIMES} were replayed; nothing is known of them",
}


def report(cluster: Cluster, _: Path) -> bool:
    """Try them; whether the register said what the replay says."""
    kept = tried(cluster, "tests/registry/test_histories.py", MBOOLO_HISTORIES=TIMES)
    sys.stdout.write(f"histories: {_SAID[kept]}\n")
    return kept is True

"""Two thousand random tamperings with a register, by somebody with every right: each is found."""

import sys
from pathlib import Path

from local.postgres import Cluster
from tests.soak.suites import tried

TIMES = 2_000
_SAID = {
    True: f"{TIMES} tried, each found",
    False: f"{TIMES} tried, NOT all found",
    None: f"INTERRUPTED before {TIMES} were tried; nothing is known of them",
}


def report(cluster: Cluster, _: Path) -> bool:
    """Try them; whether the verifier found each."""
    kept = tried(cluster, "tests/registry/test_tampering.py", MBOOLO_TAMPERINGS=TIMES)
    sys.stdout.write(f"tamper: {_SAID[kept]}\n")
    return kept is True

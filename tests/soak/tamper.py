"""Two thousand random tamperings with a register, by somebody with every right, and each column of
each table altered in rows of chance: each is found."""

import secrets
import sys
from pathlib import Path

from local.postgres import Cluster
from tests.soak.suites import tried

TIMES = 2_000
SWEEPS = 5
_SAID = {
    True: f"{TIMES} tried and {SWEEPS} sweeps made, each found",
    False: f"{TIMES} tried and {SWEEPS} sweeps made, NOT all found",
    None: "INTERRUPTED before all were tried; nothing is known of them",
}


def report(cluster: Cluster, _: Path) -> bool:
    """Try them; whether the verifier found each."""
    kept = tried(cluster, "tests/registry/test_tampering.py", MBOOLO_TAMPERINGS=TIMES)
    for seed in [secrets.randbelow(10**9) for _ in range(SWEEPS)]:
        kept = kept and tried(cluster, "tests/registry/test_sweep.py", MBOOLO_SEED=seed)
    sys.stdout.write(f"tamper: {_SAID[kept]}\n")
    return kept is True

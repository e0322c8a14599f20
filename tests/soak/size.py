"""A register of a million cooperatives and ten million members: do its pages stay as fast?"""

import os
import sys
from pathlib import Path

from bench import rows
from bench.report import Report
from bench.sizing import Size
from bench.stage import stage
from local.postgres import Cluster

LARGE = int(os.environ.get("SOAK_COOPERATIVES", "1000000"))


def report(cluster: Cluster, folder: Path) -> bool:
    """Fill it, read it, print what was measured; whether every promise was kept."""
    place, said = folder / "size", Report()
    place.mkdir(mode=0o700)
    with stage(cluster, place) as made:
        said.add(rows.size(made, Size(small=10_000, large=LARGE, members=10, entries=LARGE)))
    sys.stdout.write(f"{said.verdicts()}\n")
    return said.is_kept

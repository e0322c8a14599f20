"""`python -m tests.soak`: prints what was promised and what became of it; fails on any loss."""

import os
import sys
import tempfile
from pathlib import Path

from local.endings import end_orderly
from local.temporary import temporary_cluster


def main() -> int:
    """Run it on a PostgreSQL of its own; 0 when every promise was kept."""
    end_orderly()
    with temporary_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        os.environ["MBOOLO_TEST_SERVER"] = cluster.url()  # the town asks for it when imported
        from tests.soak.report import report

        return 0 if report(cluster, Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())

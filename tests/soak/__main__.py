"""`python -m tests.soak [chaos] [edge] [fuzz] [tamper] [histories] [imports] [size] [million]
[drain] [faults] [link]`: prints what was promised and what became of it; fails on any loss. Without
words: all of it."""

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
        from tests.soak import (
            drain,
            edge,
            faults,
            fuzz,
            histories,
            imports,
            link,
            million,
            size,
            tamper,
        )
        from tests.soak import report as chaos

        reports = {
            "chaos": chaos.report,
            "edge": edge.report,
            "fuzz": fuzz.report,
            "tamper": tamper.report,
            "histories": histories.report,
        }
        reports |= {"imports": imports.report, "size": size.report, "million": million.report}
        reports |= {"drain": drain.report, "faults": faults.report, "link": link.report}
        asked = sys.argv[1:] or list(reports)
        kept = [reports[name](cluster, Path(folder)) for name in asked]
        return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

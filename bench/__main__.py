"""`python -m bench [read] [list] [insert] [import] [size] [--report FILE]`; no words mean all.

Prints what was measured, writes it to a file if one is named, and fails when a ratio is missed.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bench import cpu, rows
from bench.report import Report
from bench.stage import stage
from local.endings import end_orderly
from local.errors import CannotRun
from local.temporary import temporary_cluster


def main() -> int:
    """Measure; 0 when every ratio that is promised was kept."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=" ".join(rows.ROWS))
    parser.add_argument("--report", type=Path, help="also write Markdown there")
    asked = parser.parse_args()
    if unknown := set(asked.rows) - rows.ROWS.keys():
        parser.error(f"no row is called {', '.join(sorted(unknown))}")
    end_orderly()
    os.sched_setaffinity(0, cpu.OF_THE_REST)
    report = Report()
    with (
        temporary_cluster() as cluster,
        tempfile.TemporaryDirectory() as folder,
        stage(cluster, Path(folder)) as made,
    ):
        for name in asked.rows or rows.ROWS:
            report.add(rows.ROWS[name](made))
            if asked.report:
                asked.report.write_text(report.text(), encoding="utf-8")
    print(report.verdicts())
    return 0 if report.is_kept else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except CannotRun as refusal:
        sys.exit(str(refusal))

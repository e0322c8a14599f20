"""PostgreSQL's own load generator: the most that any service over the same SQL could reach."""

import os
import re
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench import cpu
from local.binaries import find_binaries
from local.errors import CannotRun

_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_WAIT = re.compile(r"^latency average = ([0-9.]+) ms", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: ([0-9]+)", re.MULTILINE)


@dataclass(frozen=True)
class Measured:
    """Transactions a second, their mean wait, and what the client spent."""

    rate: float
    wait_ms: float
    seconds: float
    cpu_s: float


def program() -> Path:
    """pgbench, from beside PostgreSQL's programs or from the path."""
    beside = find_binaries() / "pgbench"
    found = beside if os.access(beside, os.X_OK) else shutil.which("pgbench")
    if found is None:
        raise CannotRun(
            "There is no pgbench: name a PostgreSQL that has one in PG_BIN, or install it "
            "(Debian, Ubuntu: apt install postgresql-contrib)."
        )
    return Path(found)


@dataclass(frozen=True)
class Client:
    """One script against one database."""

    url: str
    script: Path

    def run(self, concurrency: int, seconds: float) -> Measured:
        """Run it for so long on the core of the measured, in one thread."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        words = f"-n -M prepared -j 1 -c {concurrency} -T {max(round(seconds), 1)} -f"
        done = subprocess.run(
            [program(), *words.split(), self.script, self.url],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: os.sched_setaffinity(0, cpu.OF_THE_MEASURED),
        )
        rate, wait = _RATE.search(done.stdout), _WAIT.search(done.stdout)
        failed = _FAILED.search(done.stdout)
        if done.returncode or rate is None or wait is None or (failed and failed[1] != "0"):
            raise CannotRun(f"pgbench failed: {(done.stderr + done.stdout).strip()[-800:]}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Measured(float(rate[1]), float(wait[1]), max(round(seconds), 1), spent)

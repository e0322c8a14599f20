"""`python -m local.test_run [pytest's words]`: pytest with a real PostgreSQL behind it.

The tests find an address with the right to create databases in `MBOOLO_TEST_SERVER`: that of
`DATABASE_URL` if it is set, else of a PostgreSQL that lives as long as the run.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from local.addresses import Address
from local.endings import end_orderly
from local.errors import CannotRun
from local.lifeline import dying_with_us
from local.temporary import temporary_cluster


def main(words: list[str]) -> int:
    """Run pytest; returns its exit code, so that a run without any test fails too (5)."""
    end_orderly()
    try:
        with _server() as url:
            return _pytest(url, words)
    except KeyboardInterrupt:
        return 130
    except CannotRun as refusal:
        print(refusal, file=sys.stderr)
        return 1


@contextmanager
def _server() -> Iterator[str]:
    given = os.environ.get("DATABASE_URL")
    if given:
        yield asyncio.run(_reachable(Address(given)))
        return
    with temporary_cluster() as cluster:
        yield cluster.url()


async def _reachable(address: Address) -> str:
    async with address.connected():
        return address.to(address.database).url


def _pytest(url: str, words: list[str]) -> int:
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-n", "2", *words],
        env={**os.environ, "MBOOLO_TEST_SERVER": url},
        preexec_fn=dying_with_us(signal.SIGTERM),  # noqa: PLW1509  it makes two system calls
    ) as run:
        # Ctrl-C reaches pytest too: it ends by itself, and PostgreSQL must outlive it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: run.terminate())
        return run.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

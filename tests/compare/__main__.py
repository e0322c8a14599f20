"""`python -m tests.compare [--write] [shape …]`: fails on a difference that nobody argued.

`--write` writes docs/gateway-and-nginx.md; shapes are named by patterns such as `chunks*`.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from bench import cpu
from bench.doors import Doors
from local.endings import end_orderly
from local.errors import CannotRun
from local.temporary import temporary_cluster
from tests.compare import page
from tests.compare.argument import Argument, unexplained
from tests.compare.arguments import arguments
from tests.compare.service import Service
from tests.compare.shape import Shape
from tests.compare.shapes import SHAPES
from tests.compare.trial import soothed, tried

_STREAMING = "proxy_buffering off; proxy_request_buffering off;"


def main() -> int:
    """Compare; 0 when every difference is argued and the page says so."""
    parser = argparse.ArgumentParser(prog="make compare", description=__doc__)
    parser.add_argument("shapes", nargs="*", default=["*"])
    parser.add_argument("--write", action="store_true", help=f"write {page.PAGE.name}")
    asked = parser.parse_args()
    chosen = [one for one in SHAPES if any(fnmatchcase(one.name, name) for name in asked.shapes)]
    end_orderly()
    known = arguments()
    faults = list(_faults(chosen, known))
    if len(chosen) == len(SHAPES):
        faults += _stale(known, is_written=asked.write)
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    sys.stdout.write(f"{len(chosen)} shapes, {len(faults)} faults\n")
    return 1 if faults else 0


def _faults(chosen: list[Shape], known: list[Argument]) -> Iterator[str]:
    service = Service()
    with _doors() as doors:
        nginx, gateway = doors.nginx(service.port, _STREAMING), doors.gateway(service.port)
        for shape in chosen:

            def differing(shape: Shape = shape) -> list[str]:
                for one in known:
                    one.used.discard(shape.name)  # only what is seen last counts
                soothed(gateway.port)
                theirs = tried(shape, nginx.port, service)
                ours = tried(shape, gateway.port, service)
                return [str(left) for left in unexplained(shape.name, theirs, ours, known)]

            if first := differing():
                # a machine that stands still answers late: what differs by itself differs again
                sys.stdout.write("".join(f"looked at again: {one}\n" for one in first))
                yield from differing()
    service.close()


@contextmanager
def _doors() -> Iterator[Doors]:
    with temporary_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        doors = Doors(cluster, Path(folder), set(cpu.CORES))
        try:
            yield doors
        finally:
            doors.stop()


def _stale(known: list[Argument], *, is_written: bool) -> Iterator[str]:
    for one in known:
        if not one.used:
            yield f"explains nothing: {'; '.join(one.shapes)}: {one.what} ({one.why})"
    text = page.text(known, len(SHAPES))
    if is_written:
        page.PAGE.write_text(text, encoding="utf-8")
    elif not page.PAGE.exists() or page.PAGE.read_text(encoding="utf-8") != text:
        yield f"{page.PAGE.name} says something else: make compare A=--write"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CannotRun as refusal:
        sys.exit(str(refusal))

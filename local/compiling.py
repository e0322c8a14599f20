"""`python -m local.compiling`: the data plane as machine code, in `build/compiled`.

mypyc translates the typed modules that every request passes through into one C library; what they
do is what their sources say, and the same tests speak for both. Needs a C compiler and Python's
headers; without them everything runs on the sources, at twice the processor time for each request.
"""

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from chassis.compiled import FOLDER, ROOT, digest, made
from local.errors import CannotRun

MODULES = (
    "chassis.bounds",
    "chassis.clock",
    "chassis.connection",
    "chassis.logs",
    "chassis.metrics",
    "chassis.noted",
    "chassis.origin",
    "chassis.protocol",
    "chassis.swift",
    "chassis.trace",
    "chassis.turn",
    "gateway.counts",
    "gateway.cors",
    "gateway.routes_table",
    "gateway.coding.wishes",
    "gateway.issuer.cutoffs",
    "gateway.limits.limits",
    "gateway.limits.meters",
    "gateway.plane.crossing",
    "gateway.plane.headers",
    "gateway.plane.manner",
    "gateway.plane.passage",
    "gateway.plane.passports",
    "gateway.plane.plane",
    "gateway.plane.protocol",
    "gateway.plane.question",
    "gateway.plane.said",
    "gateway.plane.sayings",
    "gateway.plane.shelved",
    "gateway.upstreams.attempts",
    "gateway.upstreams.balance",
    "gateway.upstreams.breaker",
    "gateway.upstreams.budget",
    "gateway.upstreams.bulkheads",
    "gateway.upstreams.routing",
    "gateway.upstreams.upstream",
)
_IN_THE_CHASSIS = ("connection", "gathered", "lines", "metrics", "plain", "traces")
_TESTS = (
    "tests/gateway",
    *(f"tests/chassis/test_{name}.py" for name in _IN_THE_CHASSIS),
    "tests/registry/test_ready.py",
    "tests/registry/test_short_way.py",
)


def compiled() -> bool:
    """Compile unless that was done; whether anything had to be done."""
    sources = digest()
    found = made()
    if found is not None and found.sources == sources and list(found.modules) == list(MODULES):
        return False
    _check()
    with TemporaryDirectory() as place:
        _quietly(Path(place))
        said = {"modules": MODULES, "sources": sources}
        (Path(place) / "lib" / "of.json").write_text(json.dumps(said), encoding="utf-8")
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.parent.mkdir(exist_ok=True)
        shutil.copytree(Path(place) / "lib", FOLDER)
    return True


def _check() -> None:
    headers = Path(sysconfig.get_paths()["include"]) / "Python.h"
    if shutil.which(os.environ.get("CC", "cc")) is None or not headers.exists():
        raise CannotRun(
            "To compile the data plane takes a C compiler and Python's headers (Debian, Ubuntu: "
            "apt install gcc python3-dev); without it everything runs on the sources, slower."
        )


def _quietly(place: Path) -> None:
    # what mypyc remarks on the way is nobody's concern unless it gives up
    told = io.StringIO()
    try:
        with redirect_stdout(told), redirect_stderr(told):
            _build(place)
    except SystemExit as refusal:
        raise CannotRun(f"The data plane was not compiled.\n{told.getvalue()}") from refusal


def _build(place: Path) -> None:
    # whoever runs on the sources needs neither
    from mypyc.build import mypycify  # noqa: PLC0415
    from setuptools import setup  # noqa: PLC0415

    os.chdir(ROOT)  # mypy reads pyproject.toml there
    paths = [f"{name.replace('.', '/')}.py" for name in MODULES]
    extensions = mypycify(paths, opt_level="3", debug_level="0", target_dir=str(place / "c"))
    folders = ["--build-lib", str(place / "lib"), "--build-temp", str(place / "temp")]
    words = ["--quiet", "build_ext", *folders]
    setup(name="mboolo", packages=[], ext_modules=extensions, script_args=words)


def main(words: Sequence[str] | None = None) -> int:
    """Compile; 0 when it is there. With `--test` also hold it against the tests of what it does;
    then it is no fault that this machine cannot compile."""
    parser = argparse.ArgumentParser(prog="python -m local.compiling", description=main.__doc__)
    parser.add_argument("--test", action="store_true")
    asked = parser.parse_args(words)
    try:
        is_new = compiled()
    except CannotRun as refusal:
        print(refusal, flush=True)
        return 0 if asked.test else 1
    print(f"{'Compiled' if is_new else 'Compiled before:'} {len(MODULES)} modules", flush=True)
    if not asked.test:
        return 0
    command = [sys.executable, "-m", "local.test_run", *_TESTS]
    return subprocess.run(
        command, check=False, env=os.environ | {"MBOOLO_COMPILED": "yes"}
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

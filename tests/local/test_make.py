"""The Makefile and what it installs from: the first things that a newcomer touches."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.members import ROOT
from local.trial import free_ports

TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)


def run(*command: str | Path, cwd: Path = ROOT, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, with a bare environment."""
    bare = {"PATH": os.environ["PATH"], **env}
    return subprocess.run(command, env=bare, cwd=cwd, capture_output=True, text=True, check=False)


def test_make_alone_explains_every_target() -> None:
    listed = [line.split()[0] for line in run("make").stdout.splitlines()]

    assert listed == TARGETS


def locked(name: str) -> dict[str, str]:
    """Package -> version, as `requirements/<name>.txt` locks it."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["run", "dev", "contract", "uv"])
def test_every_locked_package_has_its_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert len(entries) == len(locked(name)) > 0
    assert not [entry for entry in entries if "--hash=sha256:" not in entry]


def test_the_locks_agree_with_one_another() -> None:
    dev = locked("dev")

    assert locked("run").items() <= dev.items()
    assert locked("uv").items() <= dev.items()
    contract = locked("contract")
    assert {name: dev[name] for name in contract.keys() & dev.keys()}.items() <= contract.items()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a fresh clone as the installation reads, in a path with spaces."""
    clone = tmp_path / "a fresh clone"
    shutil.copytree(ROOT / "requirements", clone / "requirements")
    (clone / "bin").mkdir()
    return clone


@pytest.mark.parametrize(
    ("python", "complaint"),
    [
        ("exit 1", "Python 3.11 or newer is needed: install it (Debian, Ubuntu: apt install"),
        ('case "$*" in *venv*) exit 1 ;; esac', "install its venv module (Debian, Ubuntu: apt"),
    ],
)
def test_a_missing_python_or_venv_is_explained(clone: Path, python: str, complaint: str) -> None:
    program = clone / "bin" / "python"
    program.write_text(f"#!/bin/sh\n{python}\n")
    program.chmod(0o755)

    done = run("sh", "requirements/install.sh", cwd=clone, PYTHON="bin/python")

    assert done.returncode == 1
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (clone / ".venv").exists()


def test_the_test_run_fails_in_one_sentence_without_its_server() -> None:
    url = f"postgresql://cps:s3cret@127.0.0.1:{free_ports()['GATEWAY_PORT']}/"
    done = run(sys.executable, "-m", "local.test_run", "tests/local", DATABASE_URL=url)

    assert done.returncode == 1
    assert done.stderr.startswith("DATABASE_URL names 127.0.0.1")
    assert done.stderr.count("\n") == 1


def test_a_run_without_a_single_test_is_a_failure(tmp_path: Path) -> None:
    done = run(sys.executable, "-m", "local.test_run", "-n", "0", "--noconftest", tmp_path)

    assert done.returncode == 5

"""Where the judges cannot be installed, one sentence says so, and the tests go on without them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from contract.tools import HERE
from local.members import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a clone as the installation reads, with programs that do as they are told."""
    clone = tmp_path / "a clone"
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / "contract").mkdir()
    shutil.copy(HERE / "install.sh", clone / "contract")
    return clone


@pytest.mark.parametrize(
    ("failing", "lock"),
    [("uv", "requirements/contract.txt"), ("npm", "contract/package-lock.json")],
)
def test_what_cannot_be_installed_is_said_in_one_sentence(
    clone: Path, failing: str, lock: str
) -> None:
    for name in ("uv", "npm"):
        program = clone / ".venv" / "bin" / name
        program.write_text(f"#!/bin/sh\nexit {int(name == failing)}\n")
        program.chmod(0o755)
    command = ["sh", "contract/install.sh"]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    said = f"The contract cannot be judged: the packages of {lock} could not be installed.\n"
    assert (done.returncode, done.stderr) == (1, said)


def test_the_tests_need_no_node() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    needs = {line.split(":")[0]: line.split("##")[0] for line in makefile.splitlines()}
    assert "$(JUDGES)" not in needs["test"]
    assert "contract" in needs["check"].split()
    assert "contract-lint contract-breaks sdk" in needs["contract"]


def test_npms_lock_names_no_host() -> None:
    text = (HERE / "package-lock.json").read_text(encoding="utf-8")
    assert "integrity" in text
    assert "resolved" not in text

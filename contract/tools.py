"""The programs that judge, which `make` installs from their locks."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from contract.refusals import CannotJudge

HERE = Path(__file__).resolve().parent
_PROGRAMS = Path(sys.prefix) / "bin"
_PACKAGES = HERE / "node_modules" / ".bin"


def run(name: str, *words: str | Path, env: Mapping[str, str] | None = None) -> int:
    """Run a program in this folder to its end; its exit code."""
    folder = _PACKAGES if (_PACKAGES / name).exists() else _PROGRAMS
    if not (folder / name).exists():
        raise CannotJudge(f"{name} is not installed: `make contract` installs it.")
    # npm's programs ask for whatever `node` comes first
    path = f"{_PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(folder / name), *map(str, words)]
    told = {**os.environ, "PATH": path, **(env or {})}
    return subprocess.run(command, env=told, cwd=HERE, check=False).returncode


def require(name: str, *words: str | Path, env: Mapping[str, str] | None = None) -> None:
    """Run a program that has to succeed; it has said why if it did not."""
    code = run(name, *words, env=env)
    if code:
        raise CannotJudge(f"{name} ended with exit code {code}: see what it says above.")

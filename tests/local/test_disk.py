"""A disk that is full ends in one sentence, not in a traceback, and leaves no half-made cluster."""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.members import ROOT
from local.place import remove_short_folders
from tests.local.terminal import Terminal

_TOO_SMALL_BYTES = 8_000_000


@contextmanager
def tiny_disk(folder: Path) -> Iterator[bool]:
    """Mount a disk of a few megabytes on `folder`; false if we may not mount here."""
    folder.mkdir()
    size = f"size={_TOO_SMALL_BYTES},mode=711"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            unmount = ["umount", str(folder)]
            # who was cut short may take a moment to let go of it
            Terminal.until(lambda: subprocess.run(unmount, check=False).returncode == 0)


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (_TOO_SMALL_BYTES, _TOO_SMALL_BYTES))


@pytest.mark.parametrize("command", ["prepare", "up"])
def test_a_full_disk_is_named(folder: Path, command: str) -> None:
    folder.parent.mkdir(exist_ok=True)
    with tiny_disk(folder) as mounted:
        # Without the right to mount, files that may not grow fail at the same write.
        limit: Callable[[], None] | None = None if mounted else _small_files
        done = subprocess.run(
            [sys.executable, "-m", "tests.local.fake_town", command],
            env=Terminal(folder).env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=limit,
        )
        half_made = [path.name for path in folder.glob("pgdata-*")]
    remove_short_folders(folder)  # what lay on the disk has gone with it

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert ("is full: free some space" if mounted else "File too large") in done.stderr
    assert half_made == []

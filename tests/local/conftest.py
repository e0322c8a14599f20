"""Folders and towns for the tests of the set-up, which start real processes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.folder import MARK, open_folder, remove_folder
from local.postgres import Cluster
from local.temporary import temporary_cluster
from tests.local.terminal import Terminal

_REACHABLE = 0o711 if os.geteuid() == 0 else 0o700


@contextmanager
def _temporary(mode: int) -> Iterator[Path]:
    outer = Path(tempfile.mkdtemp(prefix="mboolo-test-"))
    outer.chmod(mode)
    folder = outer / "data"
    yield folder
    if (folder / MARK).exists():
        remove_folder(folder)
    shutil.rmtree(outer)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder to be; as root, one that PostgreSQL's user can pass through to."""
    with _temporary(_REACHABLE) as folder:
        yield folder


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A data folder to be, inside one that is closed to everybody but us."""
    with _temporary(0o700) as folder:
        yield folder


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    """A running PostgreSQL for one test, which may do what it likes with it."""
    with Cluster(open_folder(folder)).running() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A running PostgreSQL that the tests of one file share."""
    with temporary_cluster() as cluster:
        yield cluster


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    """Somebody at a terminal who starts and stops towns in `folder`."""
    terminal = Terminal(folder)
    yield terminal
    terminal.close()


@pytest.fixture(scope="module")
def standing() -> Iterator[Terminal]:
    """A town that stands while the tests of one file look at it."""
    with _temporary(_REACHABLE) as folder:
        terminal = Terminal(folder)
        terminal.env["FINANCING_POOL_SIZE"] = "3"
        terminal.up()
        yield terminal
        terminal.close()

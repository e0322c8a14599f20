"""The data folder of one town: `.data`, or `MBOOLO_DATA`."""

import os
import re
import shutil
from contextlib import AbstractContextManager
from pathlib import Path

from local.errors import CannotRun
from local.leftovers import settle_leftovers
from local.locks import sole_owner
from local.place import remove_short_folders
from local.record import Record

MARK = "town.lock"
_OCCUPIED = "A town runs in {folder} (process {{pid}}): stop it first, or set MBOOLO_DATA."


def open_folder(folder: Path) -> Path:
    """Create the folder, or recognise it as ours by its mark; a stranger's is never touched."""
    folder = folder.absolute()
    # As root, PostgreSQL runs as another user, who must pass through; nobody can list or read.
    folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    mark = folder / MARK
    if not mark.exists() and any(folder.iterdir()):
        raise CannotRun(
            f"{folder} holds something else: let MBOOLO_DATA name a new or an empty folder."
        )
    mark.touch(mode=0o600)
    (folder / "logs").mkdir(mode=0o700, exist_ok=True)
    return folder


def sole_town(folder: Path) -> AbstractContextManager[None]:
    """Hold the folder, so that no other town uses it."""
    return sole_owner(folder / MARK, _OCCUPIED.format(folder=folder))


def remove_folder(folder: Path) -> None:
    """Remove the folder and all that lies elsewhere for it; refuse while a town runs in it."""
    folder = folder.absolute()
    if not folder.exists():
        return
    if not (folder / MARK).exists():
        raise CannotRun(f"{folder} is not the data folder of a town: nothing was removed.")
    with sole_town(folder):
        _remove(folder)


def _remove(folder: Path) -> None:
    home = Record(folder / "postgres.json").home
    for pgdata in (home or folder).glob("pgdata-*"):
        settle_leftovers(pgdata, pgdata)
    if home and re.fullmatch(r"mboolo-[0-9a-f]{12}", home.name):
        shutil.rmtree(home, ignore_errors=True)
    remove_short_folders(folder)
    shutil.rmtree(folder)

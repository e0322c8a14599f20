"""The birth of a cluster, complete or not at all, and what PostgreSQL means when it refuses."""

import shutil
import tempfile
from pathlib import Path

from local.errors import CannotRun
from local.owner import run_as
from local.place import Place
from local.record import Record

SUPERUSER = "postgres"
_SCARCE_BYTES = 32_000_000  # below it a failure to start is most likely a full disk


def create_cluster(place: Place, record: Record) -> None:
    """Create the data directory if it is missing; refuse one that this version cannot open."""
    if place.pgdata.exists():
        _require_password(place, record)
        return
    _refuse_other_majors(place)
    draft = place.pgdata.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if place.owner:
        place.owner.take(draft)
    _initdb(place, draft, record.password(SUPERUSER))
    draft.rename(place.pgdata)


def _require_password(place: Place, record: Record) -> None:
    if not record.exists:
        raise CannotRun(
            f"{record.path} with the passwords of {place.pgdata} is missing: "
            "restore it, or start afresh with make clean."
        )


def _refuse_other_majors(place: Place) -> None:
    for other in place.home.glob("pgdata-[0-9]*"):
        if other.suffix != ".new":
            raise CannotRun(
                f"{other} belongs to another major version of PostgreSQL than {place.version}: "
                "set PG_BIN to that version, move it with pg_upgrade, or start afresh with "
                "make clean."
            )


def _initdb(place: Place, draft: Path, password: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=place.home, prefix=".password-") as file:
        file.write(password)
        file.flush()
        if place.owner:
            place.owner.take(Path(file.name))
        done = run_as(place.owner, _command(place.binaries, draft, Path(file.name)))
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise CannotRun(refusal(done.stderr, place))


def _command(binaries: Path, pgdata: Path, password_file: Path) -> list[str | Path]:
    return [
        binaries / "initdb",
        "--pgdata",
        pgdata,
        "--username",
        SUPERUSER,
        "--pwfile",
        password_file,
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
        "--auth=scram-sha-256",
        "--no-instructions",
    ]


def refusal(words: str, place: Place) -> str:
    """One sentence from what PostgreSQL's programs wrote before they gave up."""
    scarce = shutil.disk_usage(place.home).free < _SCARCE_BYTES
    if "No space left on device" in words or scarce:
        return (
            f"The disk that holds {place.home} is full: free some space (PostgreSQL begins with "
            "about 100 MB) and start again."
        )
    telling = [line for line in words.splitlines() if _tells(line)]
    reason = telling[-1].strip() if telling else "it gave no reason"
    return f"PostgreSQL {place.version} could not start: {reason}"


def _tells(line: str) -> bool:
    return any(mark in line for mark in ("FATAL:", "PANIC:", "error:"))

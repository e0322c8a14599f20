"""A copy of the whole town as it was at one instant, and a town made of it again.

The four databases tell each other facts by number. Dumped one after the other, one of them would
know a number that its neighbour has not given yet, and take the next fact of that number for an old
one. So the copy is PostgreSQL's own, of the whole server: four databases, one instant.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from chassis import clock
from chassis.keys import write_private
from local.errors import CannotRun
from local.folder import MARK, open_folder, sole_town
from local.initdb import SUPERUSER
from local.owner import bare_environment
from local.place import settle
from local.plan import Plan
from local.postgres import Cluster
from local.record import Record

_NOTE = "backup.json"
_CLUSTER = "pgdata"
# In the town's folder beside PostgreSQL: without them no sealed field opens and no proof is signed.
_BESIDE = ("keys", "demo.json", "lender-keys.json")
# Signed statements of where the chains stood: none of them may be ahead of the databases.
_BEFORE = ("checkpoints",)


def back_up(plan: Plan, target: Path) -> None:
    """Copy the running town of `plan` into the new folder `target`, and verify the copy."""
    _require_embedded(plan)
    cluster = Cluster(plan.folder)
    if not (plan.folder / MARK).exists() or not cluster.answers():
        raise CannotRun(f"No town runs in {plan.folder}: start one with make run.")
    target = _new(target)
    _copy_files(plan.folder, target, _BEFORE)
    _copy_server(cluster, target / _CLUSTER)
    # After the server: a key may come while it is copied, and a row may need it; none ever goes.
    _copy_files(plan.folder, target, _BESIDE)
    passwords = {k: v for k, v in _read(cluster.record.path).items() if k.startswith("password")}
    write_private(target / "postgres.json", json.dumps(passwords, indent=1))
    note = {"taken_at": clock.now().isoformat(), "postgresql": cluster.place.version}
    (target / _NOTE).write_text(json.dumps(note, indent=1), encoding="utf-8")
    print(f"The town of {plan.folder} is copied to {target}: keep it as you keep its keys.")


def restore(plan: Plan, source: Path) -> None:
    """Make the copy in `source` the town of `plan`, whose folder must not exist yet."""
    _require_embedded(plan)
    if not (source / _NOTE).exists():
        raise CannotRun(f"{source} holds no copy of a town.")
    if plan.folder.exists() and any(plan.folder.iterdir()):
        raise CannotRun(
            f"{plan.folder} is not empty: move it away, or let MBOOLO_DATA name a new folder."
        )
    folder = open_folder(plan.folder)
    with sole_town(folder):
        shutil.copyfile(source / "postgres.json", folder / "postgres.json")
        (folder / "postgres.json").chmod(0o600)
        _place_server(source, folder)
        _copy_files(source, folder, (*_BEFORE, *_BESIDE))
    print(f"{folder} is as it was at {_read(source / _NOTE)['taken_at']}: start it with make run.")


def _require_embedded(plan: Plan) -> None:
    if not plan.is_embedded:
        raise CannotRun(
            "This copies the embedded PostgreSQL only: docs/guides/operator.md says how to copy a "
            "server of your own."
        )


def _new(folder: Path) -> Path:
    folder = folder.absolute()
    if folder.exists():
        raise CannotRun(f"{folder} exists: name a new folder.")
    folder.mkdir(mode=0o700, parents=True)
    return folder


def _copy_server(cluster: Cluster, target: Path) -> None:
    binaries = cluster.place.binaries
    socket = str(cluster.place.socket_folder())
    whom: list[str | Path] = ["--host", socket, "--username", SUPERUSER, "--no-password"]
    what: list[str | Path] = ["--pgdata", target, "--checkpoint=fast", "--wal-method=stream"]
    password = {"PGPASSWORD": cluster.record.password(SUPERUSER)}
    _run([binaries / "pg_basebackup", *whom, *what], "could not be copied", password)
    _run([binaries / "pg_verifybackup", "--quiet", target], "was not copied whole")


def _place_server(source: Path, folder: Path) -> None:
    record = Record(folder / "postgres.json")
    place = settle(folder, record)
    taken_with = str(_read(source / _NOTE)["postgresql"])
    if taken_with.split(".", maxsplit=1)[0] != place.version.split(".")[0]:
        raise CannotRun(
            f"The copy is of PostgreSQL {taken_with}, and here is {place.version}: set PG_BIN to "
            "the same major version."
        )
    _run([place.binaries / "pg_verifybackup", "--quiet", source / _CLUSTER], "is damaged")
    draft = place.pgdata.with_suffix(".new")
    # the socket that the original was reached by belongs to a process that is not ours
    shutil.copytree(source / _CLUSTER, draft, ignore=shutil.ignore_patterns(".s.PGSQL.*"))
    (draft / "backup_manifest").unlink()
    if place.owner:
        for path in (draft, *draft.rglob("*")):
            place.owner.take(path)
    draft.rename(place.pgdata)


def _copy_files(source: Path, target: Path, names: Sequence[str]) -> None:
    for name in names:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        elif (source / name).exists():
            shutil.copy2(source / name, target / name)


def _run(command: Sequence[str | Path], what: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        env={**bare_environment(), **(env or {})},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise CannotRun(f"PostgreSQL {what}: {words[-1] if words else 'it gave no reason'}")


def _read(path: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return content

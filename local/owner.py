"""Who owns and runs the embedded PostgreSQL, which refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from subprocess import CompletedProcess

from local.errors import CannotRun
from local.lifeline import dying_with_us


@dataclass(frozen=True)
class Owner:
    """A user of this machine who is not root."""

    uid: int
    gid: int
    name: str

    def can_run(self, *command: str | Path) -> bool:
        """Whether the command ends well when this user runs it."""
        try:
            return run_as(self, command).returncode == 0
        except PermissionError:
            return False

    def can_enter(self, folder: Path) -> bool:
        """Whether this user may pass through every folder on the way, and this one."""
        return self.can_run("/bin/sh", "-c", 'cd "$0"', folder)

    def take(self, path: Path) -> None:
        """Give this one file or folder, and nothing above it, to this user."""
        os.chown(path, self.uid, self.gid)


def run_as(owner: Owner | None, command: Sequence[str | Path]) -> "CompletedProcess[str]":
    """Run a command to its end as this user (None: as ourselves), from a folder open to all."""
    return subprocess.run(
        command,
        user=owner.uid if owner else None,
        group=owner.gid if owner else None,
        extra_groups=[] if owner else None,
        preexec_fn=dying_with_us(SIGTERM),
        cwd="/",
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def bare_environment() -> dict[str, str]:
    """What PostgreSQL's programs need of our environment: none of our secrets, no `PG…`."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C"}  # its messages are read below, in English


def choose_owner(cluster: Path, candidates: Sequence[str] = ("postgres", "nobody")) -> Owner | None:
    """None (ourselves) for an ordinary user; as root, the owner that the cluster already has,
    else the first candidate that this machine knows."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        return _owner_of(cluster)
    for name in candidates:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(user.pw_uid, user.pw_gid, name)
    raise CannotRun(
        "PostgreSQL does not run as root and this machine has neither a user 'postgres' nor "
        "'nobody': run this as an ordinary user, or name a server in DATABASE_URL."
    )


def _owner_of(path: Path) -> Owner:
    status = path.stat()
    return Owner(status.st_uid, status.st_gid, f"user {status.st_uid}")

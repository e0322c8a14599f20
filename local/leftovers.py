"""What a PostgreSQL that did not end well leaves behind, and how the next start deals with it."""

import os
from pathlib import Path
from signal import SIGINT
from time import monotonic, sleep

from local.errors import CannotRun

_PATIENCE_S = 10.0
_GRACE_S = 2.0  # its own supervisor's death has already told it to end


def settle_leftovers(pgdata: Path, sockets: Path) -> None:
    """End a server that survived its supervisor; free lock files whose process id was reused.

    The caller holds the folder's lock, so that a server found here has no supervisor any more.
    """
    lock = pgdata / "postmaster.pid"
    pid = _pid_in(lock)
    if pid is None or not _is_alive(pid):
        return  # PostgreSQL sees by itself that such a lock file is stale
    if _serves(pid, pgdata):
        _end(pid, pgdata)
    else:
        _disown(lock, sockets)


def _pid_in(lock: Path) -> int | None:
    try:
        return int(lock.read_text(encoding="utf-8").splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _serves(pid: int, pgdata: Path) -> bool:
    if not Path("/proc/self/cmdline").exists():
        return True  # nothing to look at: better to wait for a stranger than to start a second one
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return str(pgdata).encode() in words


def _end(pid: int, pgdata: Path) -> None:
    begun = monotonic()
    asked = False
    while _is_alive(pid) and _serves(pid, pgdata):
        waited = monotonic() - begun
        if waited > _PATIENCE_S:
            raise CannotRun(
                f"A PostgreSQL of an earlier run (process {pid}) still holds {pgdata} and does "
                f"not end: look at it, then end it with kill -QUIT {pid}."
            )
        if waited > _GRACE_S and not asked:
            os.kill(pid, SIGINT)
            asked = True
        sleep(0.05)


def _disown(lock: Path, sockets: Path) -> None:
    """Make PostgreSQL see that the process named in its lock files is not a server of this folder.

    It trusts a living process of that number. It ignores its own parent, which is us; the rest of
    the file stays, because it names the shared memory that an orphan could still hold.
    """
    rest = lock.read_text(encoding="utf-8").splitlines()[1:]
    with lock.open("r+", encoding="utf-8") as file:
        file.write("\n".join([str(os.getpid()), *rest, ""]))
        file.truncate()
    (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

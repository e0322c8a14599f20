"""One owner per folder: a lock that the kernel gives back however its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import CannotRun


@contextmanager
def sole_owner(path: Path, refusal: str) -> Iterator[None]:
    """Hold `path` and write our process id in it; raise `CannotRun(refusal)` if another does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    except BlockingIOError as error:
        raise CannotRun(refusal.format(pid=os.pread(descriptor, 20, 0).decode().strip())) from error
    finally:
        os.close(descriptor)

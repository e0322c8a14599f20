"""Processes that start in milliseconds, die by SIGKILL, and never outlive us."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

_NURSERY = multiprocessing.get_context("forkserver")
_NURSERY.set_forkserver_preload(["tests.soak.homes"])  # imported once, then only forked


class Resident:
    """A process with one task; it can be killed and started again."""

    def __init__(self, name: str, task: Callable[..., None], *words: Any, log: Path) -> None:
        self.name = name
        self.words = words
        self._task = task
        self._log = log
        self._process: ForkServerProcess | None = None
        self._lifeline: Connection | None = None

    def start(self, *more: Any) -> None:
        """Begin a life, with `more` words for this life only."""
        theirs, self._lifeline = _NURSERY.Pipe(duplex=False)
        words = (theirs, self._log, self._task, *self.words, *more)
        self._process = _NURSERY.Process(target=_live, args=words, daemon=True)
        self._process.start()
        theirs.close()

    def wait(self) -> None:
        """Return when this life is over."""
        if self._process is not None:
            self._process.join()

    def kill(self) -> None:
        """End this life by SIGKILL; nothing is cleaned up."""
        if self._process is not None and self._process.pid and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.join()


def _live(lifeline: Connection, log: Path, task: Callable[..., None], *words: Any) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for standard in (1, 2):
        os.dup2(output, standard)
    threading.Thread(target=_die_with, args=[lifeline], daemon=True).start()
    task(*words)


def _die_with(lifeline: Connection) -> None:
    try:
        lifeline.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)

"""Processes that never outlive the one that started them."""

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from time import monotonic

from local.lifeline import dying_with_us
from local.owner import Owner

Child = subprocess.Popen[bytes]

_LOG_LIMIT_BYTES = 20_000_000


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    dies_by: Signals = SIGTERM,
    owner: Owner | None = None,
) -> Child:
    """Start a child in its own session, so that Ctrl-C in the terminal reaches us alone.

    The child receives `dies_by` when we die, even by SIGKILL. Its output is added to `log`.
    """
    with open(log, "ab", opener=_open_private) as output:
        if output.tell() > _LOG_LIMIT_BYTES:
            output.truncate(0)
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=dying_with_us(dies_by),  # noqa: PLW1509  it makes two system calls
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
        )


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def stop(children: Iterable[Child], by: Signals, patience_s: float) -> None:
    """Ask all children to end, wait `patience_s` for all of them together, then kill the rest."""
    alive = [child for child in children if child.poll() is None]
    for child in alive:
        child.send_signal(by)
    deadline = monotonic() + patience_s
    for child in alive:
        _await_end(child, deadline - monotonic())


def _await_end(child: Child, patience_s: float) -> None:
    try:
        child.wait(max(patience_s, 0))
    except subprocess.TimeoutExpired:
        child.send_signal(SIGKILL)
        child.wait()


def last_lines(log: Path, since: int, count: int = 20) -> list[str]:
    """The last non-empty lines of a log that were written after byte `since`."""
    with log.open("rb") as file:
        size = log.stat().st_size
        begun = since if since <= size else 0  # it was too long, and began anew
        file.seek(max(begun, size - 65_536))
        lines = file.read().decode(errors="replace").splitlines()
    return [line.strip() for line in lines if line.strip()][-count:]

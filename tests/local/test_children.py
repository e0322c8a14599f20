"""Children and their logs."""

import os
from pathlib import Path
from signal import SIGKILL, SIGTERM

from local import children
from tests.local.terminal import Terminal


def start(log: Path, script: str) -> children.Child:
    """A shell that runs `script`."""
    return children.start(["sh", "-c", script], log=log, env=os.environ, cwd=Path("/"))


def test_a_log_that_grew_too_long_begins_anew(tmp_path: Path) -> None:
    log = tmp_path / "registry.log"
    log.write_bytes(b"old\n" * 5_000_001)
    begun = log.stat().st_size

    assert start(log, "echo new words").wait() == 0

    assert log.read_text() == "new words\n"
    assert children.last_lines(log, since=begun) == ["new words"]


def test_only_what_was_said_since_counts(tmp_path: Path) -> None:
    log = tmp_path / "registry.log"
    start(log, "echo error of yesterday").wait()
    begun = log.stat().st_size
    start(log, "echo; echo fine; echo").wait()

    assert children.last_lines(log, since=begun) == ["fine"]
    assert log.stat().st_mode & 0o777 == 0o600


def test_who_does_not_listen_is_killed_in_the_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    deaf = start(log, "trap '' TERM; echo ready; while :; do sleep 0.05; done")
    polite = start(log, "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done")
    Terminal.until(lambda: log.read_text().count("ready") == 2)

    children.stop([polite, deaf], by=SIGTERM, patience_s=5)

    assert deaf.returncode == -SIGKILL
    assert polite.returncode == 3

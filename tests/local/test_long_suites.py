"""A long run says what it proved: all of it, that something failed, or nothing at all."""

from pathlib import Path
from typing import Any

import pytest

from tests.soak import histories, tamper
from tests.soak.suites import tried


class Server:
    def url(self) -> str:
        return "postgresql://nowhere"


SERVER: Any = Server()


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("assert os.environ['MBOOLO_TRIED'] == '7'", True),
        ("assert os.environ['MBOOLO_TRIED'] == '8'", False),
        ("os.kill(os.getpid(), signal.SIGINT)", None),
        ("os.kill(os.getpid(), signal.SIGKILL)", None),
    ],
)
def test_an_interrupted_run_is_neither_good_nor_bad(
    tmp_path: Path, line: str, kept: bool | None
) -> None:
    file = tmp_path / "test_tried.py"
    file.write_text(f"import os, signal\n\ndef test_it():\n    {line}\n")
    assert tried(SERVER, str(file), MBOOLO_TRIED=7) is kept


@pytest.mark.parametrize("soak", [histories, tamper])
def test_an_interrupted_run_is_said_to_be_one(
    soak: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = []
    for kept in (True, False, None):
        monkeypatch.setattr(soak, "tried", lambda *_, kept=kept, **__: kept)
        assert soak.report(SERVER, tmp_path) is (kept is True)
        said.append(capsys.readouterr().out)
    assert len(set(said)) == 3
    assert ["INTERRUPTED" in line for line in said] == [False, False, True]

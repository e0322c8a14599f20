"""The released contract stands in the way of whoever would break it."""

import json
from pathlib import Path

import pytest

from contract.__main__ import main
from contract.refusals import CannotJudge
from contract.released import BASELINE, check, current, release


def test_there_is_a_released_contract() -> None:
    released = json.loads(BASELINE.read_text(encoding="utf-8"))
    assert released["paths"].keys() <= current()["paths"].keys()


def test_a_change_that_breaks_is_refused_with_the_list_of_what_broke(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline = tmp_path / "released" / "v1.json"
    release(baseline)
    check(baseline)
    old = json.loads(baseline.read_text(encoding="utf-8"))
    old["paths"]["/wishes"] = {"get": {"responses": {}}}
    old["components"]["schemas"]["Me"]["properties"]["moods"] = {"type": "string"}
    baseline.write_text(json.dumps(old), encoding="utf-8")
    capsys.readouterr()

    with pytest.raises(CannotJudge, match=r"2 change\(s\) break the released contract"):
        check(baseline)
    assert set(capsys.readouterr().out.splitlines()) == {
        "/wishes: removed",
        "Me.moods: is gone (read)",
    }
    with pytest.raises(CannotJudge):
        release(baseline)
    release(baseline, accept_breaks=True)
    check(baseline)


def test_without_a_released_contract_nothing_is_let_pass(tmp_path: Path) -> None:
    with pytest.raises(CannotJudge, match="make release-contract"):
        check(tmp_path / "v1.json")


def test_the_command_fails_in_one_sentence_without_its_tools(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("contract.tools._PACKAGES", tmp_path)
    monkeypatch.setattr("contract.tools._PROGRAMS", tmp_path)
    assert main(["lint"]) == 1
    assert capsys.readouterr().err == "spectral is not installed: `make contract` installs it.\n"

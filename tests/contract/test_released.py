"""The released contract stands in the way of whoever would break it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from contract.__main__ import main
from contract.refusals import CannotJudge
from contract.released import API, EVENTS, PROMISES, Document, Promise, check, release


@pytest.mark.parametrize("promise", PROMISES, ids=["api", "events"])
def test_there_is_a_released_contract_and_nothing_breaks_it(promise: Promise) -> None:
    assert promise.broken() == []


def lose_a_path_and_a_field(old: Document) -> None:
    old["paths"]["/wishes"] = {"get": {"responses": {}}}
    old["components"]["schemas"]["Me"]["properties"]["moods"] = {"type": "string"}


REGISTERED = "sn.mboolo.registry.cooperative.registered.v1"


def lose_an_event_and_a_field(old: Document) -> None:
    messages = old["components"]["messages"]
    messages["sn.mboolo.wish.v1"] = {"payload": {}, "tags": [{"name": "public"}]}
    messages["sn.mboolo.whisper.v1"] = {"payload": {}, "tags": [{"name": "between services"}]}
    data = messages[REGISTERED]["payload"]["properties"]["data"]
    data["properties"]["mood"] = {"type": "string"}


@pytest.mark.parametrize(
    ("promise", "change", "found"),
    [
        (API, lose_a_path_and_a_field, {"/wishes: removed", "Me.moods: is gone (read)"}),
        (
            EVENTS,
            lose_an_event_and_a_field,
            {
                "sn.mboolo.wish.v1: is no longer told to the public",
                f"{REGISTERED}.data.mood: is gone (read)",
            },
        ),
    ],
    ids=["api", "events"],
)
def test_a_change_that_breaks_is_refused_with_the_list_of_what_broke(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    promise: Promise,
    change: Callable[[Document], None],
    found: set[str],
) -> None:
    trial = replace(promise, baseline=tmp_path / "released" / "v1.json")
    release(trial)
    check(trial)
    old = json.loads(trial.baseline.read_text(encoding="utf-8"))
    change(old)
    trial.baseline.write_text(json.dumps(old), encoding="utf-8")
    capsys.readouterr()

    with pytest.raises(CannotJudge, match=r"2 change\(s\) break the released contract"):
        check(trial)
    assert set(capsys.readouterr().out.splitlines()) == found
    with pytest.raises(CannotJudge):
        release(trial)
    release(trial, accept_breaks=True)
    check(trial)


def test_without_a_released_contract_nothing_is_let_pass(tmp_path: Path) -> None:
    with pytest.raises(CannotJudge, match="make release-contract"):
        check(replace(API, baseline=tmp_path / "v1.json"))


def test_the_command_fails_in_one_sentence_without_its_tools(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("contract.tools._PACKAGES", tmp_path)
    monkeypatch.setattr("contract.tools._PROGRAMS", tmp_path)
    assert main(["lint"]) == 1
    assert capsys.readouterr().err == "spectral is not installed: `make contract` installs it.\n"

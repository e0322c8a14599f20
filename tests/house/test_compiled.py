"""What is compiled takes the place of its sources only while these are what was compiled."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chassis import compiled
from chassis.compiled import Compiled, digest, made, use
from local.compiling import MODULES
from local.members import ROOT


def laid(folder: Path, sources: str, *modules: str) -> Path:
    """Such a folder, without a library in it."""
    folder.mkdir()
    (folder / "of.json").write_text(json.dumps({"modules": modules, "sources": sources}))
    return folder


def copy(place: Path) -> Path:
    """Sources that may be changed."""
    for name in ("chassis", "gateway"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    return place


def test_each_is_a_module_of_ours() -> None:
    assert [name for name in MODULES if not ROOT.joinpath(*name.split(".")).with_suffix(".py").exists()] == []  # fmt: skip # noqa: E501
    assert len(set(MODULES)) == len(MODULES)


def test_any_changed_source_makes_it_old(tmp_path: Path) -> None:
    place = copy(tmp_path)
    before = digest(place)
    assert before == digest(place) == digest()
    changed = place / "chassis" / "clock.py"  # not compiled itself
    changed.write_text(changed.read_text() + "\n")
    assert digest(place) != before


def test_an_old_one_is_left_alone(tmp_path: Path) -> None:
    folder = laid(tmp_path / "old", "of other sources", "gateway.plane.plane")
    before = list(sys.meta_path)
    assert not use(folder, wish="if there")
    assert sys.meta_path == before


def test_who_must_have_one_does_not_start_on_sources(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="make compiled"):
        use(laid(tmp_path / "old", "of other sources"), wish="yes")
    with pytest.raises(SystemExit, match="make compiled"):
        use(tmp_path / "nothing", wish="yes")


def test_who_wants_none_gets_none(tmp_path: Path) -> None:
    folder = laid(tmp_path / "right", digest(), "gateway.plane.plane")
    assert not use(folder, wish="no")


def test_only_what_was_compiled_is_found_there(tmp_path: Path) -> None:
    finder = Compiled(tmp_path, ["gateway.plane.plane"])
    spec = finder.find_spec("gateway.plane.plane", None)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).parent == tmp_path / "gateway" / "plane"
    assert finder.find_spec("gateway.app", None) is None


@pytest.mark.skipif(made() is None or made().sources != digest(), reason="nothing was compiled")  # type: ignore[union-attr]
def test_what_was_compiled_is_what_runs() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import gateway.plane.passage as p; print(p.__file__)"],
        cwd=ROOT, env={"MBOOLO_COMPILED": "yes"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(told.stdout.strip()).is_relative_to(compiled.FOLDER)

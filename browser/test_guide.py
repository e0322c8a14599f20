"""The guide for frontends: what it says to type and to write works as it stands there."""

import re
import shutil
import subprocess
from pathlib import Path

from browser.build import ROOT
from browser.conftest import Scene
from contract.sdk import SDK
from contract.tools import HERE, require

GUIDE = (ROOT / "docs" / "guides" / "frontend.md").read_text(encoding="utf-8")
_WRITTEN = "http://127.0.0.1:8000"


def blocks(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert found
    return "\n".join(found)


def test_what_is_typed_does_what_it_says(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / ".data").symlink_to(scene.accounts.parent)
    typed = blocks("sh").replace(_WRITTEN, scene.platform)
    command = ["bash", "-euo", "pipefail", "-c", typed]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    user = scene.user("cooperative")
    assert f"{user['username']} {user['password']}" in done.stdout
    assert '"redirect_uris":["http://127.0.0.1:3000/callback"]' in done.stdout
    assert '"client_secret":null' in done.stdout


def test_what_is_written_compiles_and_runs(scene: Scene, tmp_path: Path) -> None:
    shutil.copytree(SDK / "typescript", tmp_path / "mboolo")
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    written = blocks("ts").replace(_WRITTEN, scene.platform)
    (tmp_path / "guide.ts").write_text(f"{written}\nconsole.log(await namesLike('diende'));\n")
    strict = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext"]
    require("tsc", *strict, tmp_path / "guide.ts")
    require("node", tmp_path / "guide.ts")

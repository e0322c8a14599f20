"""Guides, done word by word in a running town: what they say to type must work."""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from contract.refusals import CannotJudge
from contract.tools import HERE

_GUIDES = HERE.parent / "docs" / "guides"
_WRITTEN = "http://127.0.0.1:8000"
_BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Each with what its reader sees at the end.
GUIDES = {
    _GUIDES / "first-call.md": '"scopes":["cooperatives:read"]',
    _GUIDES / "import.md": "'UNCHANGED': 34",
}


def follow(guide: Path, origin: str, accounts: Path) -> None:
    """Type every block of `guide`, the shell's in one terminal; fail where a reader would."""
    blocks = _BLOCK.findall(guide.read_text(encoding="utf-8").replace(_WRITTEN, origin))
    typed = {language: "\n".join(t for k, t in blocks if k == language) for language, _ in blocks}
    with TemporaryDirectory() as folder:
        (Path(folder) / ".data").symlink_to(accounts.parent)
        (Path(folder) / "data").symlink_to(HERE.parent / "data")
        said = _run(["bash", "-euo", "pipefail", "-c", typed["sh"]], folder)
        if "python" in typed:
            _run([sys.executable, "-c", typed["python"]], folder)
    if GUIDES[guide] not in said:
        raise CannotJudge(f"{guide.name} does not lead where it says:\n{said}")
    sys.stdout.write(f"{guide.name}: {len(blocks)} blocks work as written\n")


def _run(command: list[str], folder: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotJudge(f"A block of the guide fails: {done.stderr or done.stdout}")
    return done.stdout

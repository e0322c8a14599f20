"""The example application, compiled with the types of the contract as it is now."""

import json
import shutil

from contract.released import current
from contract.sdk import SDK, for_generators, make_clients
from contract.tools import HERE, require

ROOT = HERE.parent
EXAMPLE = ROOT / "examples" / "frontend"
BUILT = EXAMPLE / "dist"


def build() -> None:
    """Make the typed client if the contract has changed since, then compile."""
    document = SDK / "openapi.json"
    made = document.read_text(encoding="utf-8") if document.exists() else ""
    is_whole = (SDK / "typescript" / "client.js").exists()
    if not is_whole or made != json.dumps(for_generators(current()), ensure_ascii=False):
        make_clients()
    shutil.rmtree(BUILT, ignore_errors=True)  # nothing that an older contract left there
    require("tsc", "--project", EXAMPLE / "tsconfig.json")

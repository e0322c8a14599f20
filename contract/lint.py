"""Spectral with the OWASP rules over the merged document."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from contract.released import current
from contract.tools import HERE, require


def lint() -> None:
    """Refuse any error and any warning; what is let pass says why in spectral.yaml."""
    with TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(current(), ensure_ascii=False, indent=1), encoding="utf-8")
        ruleset = HERE / "spectral.yaml"
        require("spectral", "lint", document, "--ruleset", ruleset, "--fail-severity", "warn")

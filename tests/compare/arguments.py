"""The arguments themselves, from arguments.toml."""

import tomllib
from pathlib import Path

from tests.compare.argument import SEEN, Argument

_FILE = Path(__file__).with_name("arguments.toml")


def arguments() -> list[Argument]:
    """All of them, not yet used."""
    return [
        Argument(
            told.get("compared", SEEN),
            told["nginx"],
            told["gateway"],
            told["why"],
            tuple(told.get("shapes", ["*"])),
        )
        for told in tomllib.loads(_FILE.read_text(encoding="utf-8"))["argument"]
    ]

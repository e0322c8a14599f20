"""Territories: codes of Senegal's administrative division, each with what it lies in."""

import csv
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

NATION = "SN"
_FILE = Path(__file__).resolve().parents[1] / "data" / "divisions.csv"


@cache
def _parents() -> Mapping[str, str]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["parent_code"] for row in csv.DictReader(file)}


def is_territory(code: str) -> bool:
    """Whether it is the country or one of its divisions."""
    return code == NATION or code in _parents()


def lies_within(code: str, territories: Collection[str]) -> bool:
    """Whether a territory is one of `territories` or a part of one."""
    while code not in territories:
        if code not in _parents():
            return False
        code = _parents()[code]
    return True

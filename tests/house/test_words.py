"""The house keeps its word: borders that no import contract can see."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = [
    file
    for folder in ("chassis", "services", "gateway", "local")
    for file in sorted((ROOT / folder).rglob("*.py"))
]
DOMAIN = re.compile(
    r"\b(cooperative|filing|enrolment|lender|loan|training|registry|financing|certificate|"
    r"commune|decision)s?\b",
    re.IGNORECASE,
)


def test_the_chassis_says_no_word_of_the_domain() -> None:
    said = {
        f"{file.name}: {word.group()}"
        for file in (ROOT / "chassis").glob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        # examples in prose may name a thing; code may not
        if (word := DOMAIN.search(line.split("#")[0])) and not _is_prose(line)
    }
    assert said == set()


def _is_prose(line: str) -> bool:
    return "`" in line or '"""' in line or not re.search(r"[=(:]", line) or "e.g." in line


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_jose_stays_behind_its_wrapper(file: Path) -> None:
    found = re.search(r"^\s*(from|import) jose\b", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is None or file == ROOT / "chassis" / "jose.py"


@pytest.mark.parametrize("file", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda f: f.name)
def test_a_decision_record_fits_on_a_page(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 45


def test_there_are_decision_records() -> None:
    assert len(list((ROOT / "docs" / "adr").glob("0*.md"))) >= 10

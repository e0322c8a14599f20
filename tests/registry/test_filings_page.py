"""docs/filings.md says what the tables say, and the tables what the code does."""

from pathlib import Path

import pytest

from services.registry.fields import FilingType
from services.registry.filing_page import changed_by, codes_of, page
from services.registry.formalities import FORMALITIES
from tests.registry.test_filing_rules import BLOCKED, LAWFUL, WARNED, changes, found
from tests.registry.test_rules import ROWS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "filings.md"


def test_the_page_is_the_one_that_the_tables_make() -> None:
    told = "run `python -m services.registry.filing_page > docs/filings.md`"
    assert PAGE.read_text(encoding="utf-8") == page(), told


def test_every_type_has_its_row() -> None:
    assert set(FORMALITIES) == set(FilingType)


def test_the_page_knows_every_finding_that_is_met() -> None:
    for _, type, payload, facts, _, _, _ in [*BLOCKED, *WARNED]:
        met = {code for _, code, _, _ in found(type, payload, facts)}
        assert met <= codes_of(FORMALITIES[FilingType(type)])


@pytest.mark.parametrize(("type", "payload", "facts"), LAWFUL, ids=lambda it: str(it)[:20])
def test_the_page_names_what_a_type_changes(type: str, payload, facts) -> None:  # type: ignore[no-untyped-def]
    told = set(changed_by(FORMALITIES[FilingType(type)]))
    made = {key.partition(".")[0] for key in changes(type, payload, facts)}
    assert made <= told or "what it states" in told


def test_every_rule_of_the_table_is_asked_by_some_type() -> None:
    asked = {code for formality in FORMALITIES.values() for code in codes_of(formality)}
    # what is no rule about a filing (a period to appeal) has another name
    assert {row.code for row in ROWS if row.rule.startswith("R")} <= asked

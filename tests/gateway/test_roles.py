import re
from pathlib import Path

from gateway.roles import FRONTEND, PERSONS, ROLES, SCOPES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "roles.md"
ROW = re.compile(r"^\| `(?P<name>[a-z_:.]+)` \|(?P<rest>.*)\|$", re.MULTILINE)


def _table(heading: str) -> dict[str, str]:
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return {row["name"]: row["rest"] for row in ROW.finditer(section)}


def test_the_page_gives_each_role_the_scopes_that_it_has() -> None:
    written = {
        role: tuple(re.findall(r"`([^`]+)`", rest)) for role, rest in _table("Roles").items()
    }
    assert written == {**ROLES, "frontend": FRONTEND}


def test_the_page_explains_every_scope() -> None:
    written = {scope: rest.strip() for scope, rest in _table("Scopes").items()}
    assert written == SCOPES


def test_roles_hold_no_scope_that_does_not_exist() -> None:
    assert {scope for scopes in ROLES.values() for scope in scopes} == set(SCOPES)


def test_the_frontend_may_ask_for_all_that_a_person_holds() -> None:
    assert set(FRONTEND) == {scope for role in PERSONS for scope in ROLES[role]}


def test_nobody_both_reviews_and_decides_but_the_one_who_shows_that_four_eyes_refuse() -> None:
    both = {"filings:review", "filings:decide"}
    assert [role for role, scopes in ROLES.items() if both <= set(scopes)] == ["dual_agent"]

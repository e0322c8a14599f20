import re
from pathlib import Path

from gateway.accounts.models import OrganisationKind
from gateway.rights import DEMO_ONLY, KINDS, LENDABLE, machine_scopes_of, roles_of
from gateway.roles import DEMO, FRONTEND, PERSONS, ROLES, SCOPES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "roles.md"
ROW = re.compile(r"^\| `(?P<name>[A-Za-z_:.]+)` \|(?P<rest>.*)\|$", re.MULTILINE)


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


def test_a_cooperative_and_nobody_else_opens_its_record_to_others() -> None:
    assert [role for role, held in ROLES.items() if "grants:manage" in held] == ["cooperative"]


def test_nobody_both_reviews_and_decides_but_the_one_who_shows_that_four_eyes_refuse() -> None:
    both = {"filings:review", "filings:decide"}
    assert [role for role, scopes in ROLES.items() if both <= set(scopes)] == ["dual_agent"]


def test_the_page_gives_each_kind_of_organisation_the_roles_that_it_may_have() -> None:
    written = {
        kind: tuple(re.findall(r"`([^`]+)`", rest))
        for kind, rest in _table("Kinds of organisations").items()
    }
    assert written == {kind.value: roles for kind, roles in KINDS.items()}


def test_every_role_belongs_to_a_kind_and_those_of_the_demonstration_to_it_alone() -> None:
    given = {role for roles in KINDS.values() for role in roles}
    shown = {role for roles in DEMO_ONLY.values() for role in roles}
    assert given | shown == ROLES.keys()
    assert given & shown == set()
    assert shown <= set(DEMO)
    for kind, roles in DEMO_ONLY.items():
        assert roles_of(kind, is_demo=True) - roles_of(kind, is_demo=False) == set(roles)


def test_the_page_names_what_a_cooperative_may_lend() -> None:
    text = PAGE.read_text().partition("may lend it on its own record:")[2].partition(".\n")[0]
    assert tuple(re.findall(r"`([^`]+)`", text.partition("What is not")[0])) == LENDABLE
    assert set(LENDABLE) <= machine_scopes_of(OrganisationKind.DEVELOPER)
    assert {*LENDABLE, "grants:manage"} == set(ROLES["cooperative"])
    assert "grants:manage" not in machine_scopes_of(OrganisationKind.DEVELOPER)


def test_nobody_outside_the_ministry_administers_the_platform() -> None:
    outside = [kind for kind in OrganisationKind if kind != OrganisationKind.MINISTRY_UNIT]
    assert all("admin" not in roles_of(kind, is_demo=True) for kind in outside)
    assert all("platform:admin" not in machine_scopes_of(kind) for kind in outside)

"""What is committed is what is served, and every refusal has its sentences."""

import re
from pathlib import Path
from typing import Any

import pytest

from chassis.catalogue import Catalogue
from chassis.errors import Problem
from local.openapi import documents, text
from tests.house.services import ALL, NAMES, PUBLIC, cases, defined, routes_of

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = documents()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_committed_contract_is_the_served_one(path: Path) -> None:
    committed = path.read_text(encoding="utf-8")
    assert committed == text(DOCUMENTS[path]), "run `make openapi` and say so in the CHANGELOG"


@pytest.mark.parametrize(("name", "method", "path", "scopes"), cases())
def test_every_route_demands_a_caller_or_is_public_on_purpose(
    name: str, method: str, path: str, scopes: Any
) -> None:
    assert (scopes is None) == ((method, path) in PUBLIC)


@pytest.mark.parametrize("name", NAMES)
def test_every_route_says_in_a_sentence_what_it_does(name: str) -> None:
    routes = routes_of(name)
    assert routes
    silent = [r.path for r in routes if not re.search(r"[.…)]$", r.description or "")]
    assert silent == []


@pytest.mark.parametrize("name", NAMES)
def test_operations_have_names_of_their_own(name: str) -> None:
    names = [route.name for route in routes_of(name)]
    assert len(names) == len(set(names))


def kinds(cls: type[Problem]) -> list[type[Problem]]:
    return [cls, *(kind for child in cls.__subclasses__() for kind in kinds(child))]


def catalogue(name: str) -> Catalogue:
    return Catalogue(defined(name).folder / "problems.toml")


@pytest.mark.parametrize("name", ALL)
def test_every_refusal_is_in_the_catalogue_with_its_status(name: str) -> None:
    entries = catalogue(name).entries
    abstract = {"BAD_REQUEST", "FORBIDDEN", "CONFLICT", "UNPROCESSABLE", "UNAVAILABLE"}
    ours = ("chassis.", "gateway." if name == "gateway" else f"services.{name}.")
    for kind in kinds(Problem):
        if kind.__module__.startswith(ours) and kind.code not in abstract:
            assert kind.code in entries, kind
            assert entries[kind.code].status == kind.status, kind


@pytest.mark.parametrize("name", ALL)
def test_every_finding_that_the_code_names_is_in_the_catalogue(name: str) -> None:
    entries = catalogue(name).entries
    folders = (ROOT / "chassis", defined(name).folder)
    files = [file for folder in folders for file in folder.rglob("*.py")]
    named = re.compile(r'(?:code=|PydanticCustomError\(\s*)"([A-Z][A-Z0-9_]+)"')
    codes = {code for file in files for code in named.findall(file.read_text(encoding="utf-8"))}
    assert codes
    assert codes - entries.keys() == set()


@pytest.mark.parametrize("name", ALL)
def test_every_code_speaks_french_and_english_and_says_what_to_do(name: str) -> None:
    for entry in catalogue(name).entries.values():
        for texts in (entry.title, entry.detail, entry.remedy):
            assert texts.keys() == {"fr", "en"}, entry.code
            assert all(texts.values()), entry.code


@pytest.mark.parametrize("name", ALL)
def test_every_constraint_named_in_the_catalogue_exists(name: str) -> None:
    service = defined(name)
    known = {
        str(getattr(thing, "name", None))
        for table in service.metadata.tables.values()
        for thing in (*table.constraints, *table.indexes)
    }
    assert set(catalogue(name).by_constraint) - known == set()


def test_the_same_code_means_the_same_everywhere() -> None:
    statuses: dict[str, set[int]] = {}
    for name in ALL:
        for entry in catalogue(name).entries.values():
            statuses.setdefault(entry.code, set()).add(entry.status)
    assert [code for code, found in statuses.items() if len(found) > 1] == []


@pytest.mark.parametrize("name", ALL)
def test_what_is_heard_is_what_somebody_says(name: str) -> None:
    from local.openapi import event_kinds

    said = {kind for other in ALL for kind in event_kinds(other)}
    later = {
        "sn.mboolo.registry.cooperative.changed.v1",
        "sn.mboolo.registry.cooperative.struck_off.v1",
    }
    assert set(defined(name).hears) - said - later == set()


@pytest.mark.parametrize("name", ALL)
def test_every_event_goes_to_listeners_who_are_named(name: str) -> None:
    from local.openapi import event_kinds, events_of

    outbox = events_of(name).outbox
    assert {kind.about for kind in event_kinds(name).values()} <= outbox.listeners.keys()

"""Refusals: one format, two languages, from every way out of the house."""

from typing import Any

import pytest

from chassis.answers import from_validation
from chassis.catalogue import Catalogue, preferred_language
from chassis.errors import Conflict, Finding, Problem
from tests.chassis.village.life import Village
from tests.town import Identity, problem

ABSENT = "/v1/notes/0197d1a5-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (("GET", "/nowhere"), 404, "NOT_FOUND"),
        (("GET", "/v1/notes/"), 404, "NOT_FOUND"),
        (("GET", ABSENT), 404, "NOT_FOUND"),
        (("GET", "/v1/notes/7"), 404, "NOT_FOUND"),
        (("GET", "/v1/notes/%00"), 404, "NOT_FOUND"),
        (("PATCH", "/v1/notes"), 405, "METHOD_NOT_ALLOWED"),
        (("DELETE", ABSENT), 405, "METHOD_NOT_ALLOWED"),
        (("TRACE", "/v1/notes"), 405, "METHOD_NOT_ALLOWED"),
        (("BREW", "/v1/notes"), 405, "METHOD_NOT_ALLOWED"),
        (("GET", "/v1/crashes"), 500, "INTERNAL_ERROR"),
        (("GET", "/v1/naps?seconds=x"), 400, "MALFORMED_REQUEST"),
    ],
)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_refusal_is_a_problem_in_the_callers_language(
    village: Village, asked: tuple[str, str], status: int, code: str, language: str
) -> None:
    async with village.town.client("teller") as client:
        answer = await client.request(*asked, headers={"Accept-Language": language})
    assert answer.status_code == status
    said = problem(answer)
    entry = village.teller.state.catalogue.entries[code]
    assert said["code"] == code
    assert said["title"] == entry.title[language]
    assert said["remedy"] == entry.remedy[language]
    assert said["type"] == f"http://gateway/v1/problems/{code}"
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.headers["cache-control"] == "no-store"
    assert len(said["trace_id"]) == 32


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/notes", {"GET", "POST"}), (ABSENT, {"GET", "PUT"}), ("/v1/promises", {"POST"})],
)
async def test_a_405_names_every_method_of_the_address(
    village: Village, path: str, allowed: set[str]
) -> None:
    async with village.town.client("teller") as client:
        answer = await client.request("PATCH", path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].replace(" ", "").split(",")) - {"HEAD"} == allowed


async def test_a_crash_tells_nothing_of_the_house(village: Village) -> None:
    async with village.town.client("teller") as client:
        answer = await client.get("/v1/crashes")
    assert "secret" not in answer.text
    assert "ZeroDivision" not in answer.text


async def test_every_answer_carries_a_request_id(village: Village) -> None:
    async with village.town.client("teller") as client:
        own = await client.get("/nowhere", headers={"X-Request-Id": "abc.DEF-1_2"})
        wrong = await client.get("/nowhere", headers={"X-Request-Id": "a\tb"})
        long = await client.get("/nowhere", headers={"X-Request-Id": "a" * 65})
    assert own.headers["x-request-id"] == "abc.DEF-1_2"
    assert len(wrong.headers["x-request-id"]) == 32
    assert len(long.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", False),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736", False),
        ("x", False),
    ],
)
async def test_a_trace_is_continued_when_it_is_one(village: Village, sent: str, kept: bool) -> None:
    async with village.town.client("teller") as client:
        answer = await client.get("/nowhere", headers={"traceparent": sent})
    trace_id = problem(answer)["trace_id"]
    assert (trace_id in sent) is kept


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("fr, en", "fr"),
        ("en, fr", "en"),
        ("fr;q=0.5, en;q=0.8", "en"),
        ("fr; q=0.5, en; q=0.8", "en"),
        ("wo, en;q=0.1", "en"),
        ("wo", "fr"),
        ("en;q=0", "fr"),
        ("en;q=x", "fr"),
        ("en;q=nan", "fr"),
        ("*", "fr"),
        (";;,,q=", "fr"),
    ],
)
def test_french_unless_english_is_preferred(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


def test_every_code_of_the_chassis_speaks_both_languages() -> None:
    listing = Catalogue().listing("http://x/v1")
    assert len(listing) > 20
    for entry in listing:
        for part in ("title", "detail", "remedy"):
            assert set(entry[part]) == {"fr", "en"}
            assert all(entry[part].values()), entry["code"]


def every_kind(kind: type[Problem]) -> list[type[Problem]]:
    return [kind, *(found for child in kind.__subclasses__() for found in every_kind(child))]


def test_every_refusal_of_the_chassis_is_in_the_catalogue() -> None:
    kinds = [kind for kind in every_kind(Problem) if kind.__module__.startswith("chassis")]
    shown = [k for k in kinds if not (k.__subclasses__() and k is not Problem)]
    entries = Catalogue().entries
    for kind in shown:
        assert entries[kind.code].status == kind.status, kind


def test_a_sentence_without_its_parameter_shows_the_gap() -> None:
    catalogue = Catalogue()
    assert "…" in catalogue.sentence("INSUFFICIENT_SCOPE", "en", {})
    assert "a b" in catalogue.sentence("INSUFFICIENT_SCOPE", "en", {"required_scopes": "a b"})


class WellTooDeep(Conflict):
    """Named after its class."""


def test_the_code_of_a_refusal_is_its_name() -> None:
    assert (WellTooDeep.code, WellTooDeep.status) == ("WELL_TOO_DEEP", 409)
    assert str(WellTooDeep(findings=[Finding(code="X")])) == "WELL_TOO_DEEP"


@pytest.mark.parametrize(
    ("places", "status"),
    [("path", 404), ("query", 400), ("header", 400), ("body", 422), ("body path", 404)],
)
def test_what_cannot_be_read_has_a_rank(places: str, status: int) -> None:
    errors = [{"loc": (place, "x"), "type": "missing"} for place in places.split()]
    assert from_validation(errors).status == status


async def test_the_wrong_scope_is_named(village: Village) -> None:
    async with village.client(Identity(scope="other")) as client:
        answer = await client.get("/v1/notes")
    assert answer.status_code == 403
    assert problem(answer)["required_scopes"] == "notes:write"


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (None, 'Bearer realm="mboolo"'),
        ("Bearer x", 'Bearer realm="mboolo", error="invalid_token"'),
        ("Bearer", 'Bearer realm="mboolo", error="invalid_token"'),
        ("Basic eDp5", 'Bearer realm="mboolo", error="invalid_token"'),
    ],
)
async def test_a_401_challenges(village: Village, header: str | None, challenge: str) -> None:
    headers = {"Authorization": header} if header else {}
    async with village.town.client("teller") as client:
        answer = await client.get("/v1/notes", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == challenge


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "hearer"},
        {"iss": "mboolo-issuer"},
        {"exp": 1},
        {"client_id": None},
        {"client_id": ["client"]},
        {"org": None},
        {"roles": None},
        {"territory": 7},
    ],
    ids=str,
)
async def test_a_token_for_somebody_else_is_refused_here(
    village: Village, change: dict[str, Any]
) -> None:
    who = Identity(scope="notes:write")
    token = village.town.token(who, "teller", **change)
    async with village.town.client("teller") as client:
        answer = await client.get("/v1/notes", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401

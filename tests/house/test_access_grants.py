"""What a cooperative's grant opens: for every route that names a thing × every scope of the
contract, exactly what `docs/roles.md` promises, for that one cooperative and nobody else."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gateway.roles import SCOPES
from tests.house.services import Case
from tests.house.things import LISTS, NAMED, Things, knock
from tests.town import Identity, Town, problem

ROLES = Path(__file__).resolve().parents[2] / "docs" / "roles.md"
TRAINING = (
    "GET /v1/delegations/{id}",
    "GET /v1/enrolments/{id}",
    "GET /v1/assessments/{id}",
    "GET /v1/completion-decisions/{id}",
    "GET /v1/training-certificates/{id}",
    "GET /v1/training-certificates/{id}/credential",
)
OPENED = {
    "cooperatives.members:read": {"GET /v1/cooperatives/{id}/members", "GET /v1/members/{id}"},
    "filings:write": {
        "GET /v1/filings/{id}",
        "GET /v1/filings/{id}/reviews",
        "GET /v1/filings/{id}/decisions",
        "GET /v1/filings/{id}/progress",
        "GET /v1/filings/{id}/timeline",
        "GET /v1/filings/{id}/changes-since-review",
        "GET /v1/filings/{id}/messages",
        "POST /v1/filings/{id}/messages",
        "POST /v1/filings/{id}/read-marks",
        "PATCH /v1/filings/{id}",
        "POST /v1/filings/{id}/submissions",
        "POST /v1/filings/{id}/withdrawals",
    },
    "training:read": {*TRAINING},
    "training:enrol": {
        *TRAINING,
        "POST /v1/delegations/{id}/withdrawals",
        "POST /v1/enrolments/{id}/withdrawals",
        "GET /v1/seat-offers/{id}",
        "POST /v1/seat-offers/{id}/acceptances",
        "POST /v1/seat-offers/{id}/refusals",
    },
    "financing:apply": {
        "GET /v1/financing-applications/{id}",
        "PATCH /v1/financing-applications/{id}",
        "POST /v1/financing-applications/{id}/submissions",
        "POST /v1/financing-applications/{id}/appeals",
        "POST /v1/financing-applications/{id}/withdrawals",
        "GET /v1/financing-applications/{id}/information-requests",
        "POST /v1/financing-applications/{id}/information-answers",
        "GET /v1/offers/{id}",
        "POST /v1/offers/{id}/acceptances",
        "GET /v1/financings/{id}",
    },
}
LISTED = {
    scope: {door.split()[1].removesuffix("/{id}") for door in doors if door.endswith("{id}")}
    for scope, doors in OPENED.items()
}


def a_grant(org: str, subject: str, *scopes: str) -> dict[str, Any]:
    return {"org": org, "subject": subject, "scopes": list(scopes)}


def a_client(scopes: str, *grants: dict[str, Any]) -> Identity:
    """A machine of somebody else."""
    return Identity(scope=scopes, grants=list(grants), lender_id=str(uuid4()))


@pytest.mark.parametrize("door", NAMED, ids=str)
async def test_each_scope_opens_what_was_promised_and_nothing_else(
    town: Town, things: Things, door: Case
) -> None:
    opened = set()
    for scope in SCOPES:
        grant = a_grant(things.org, things.subjects[door.service], scope)
        who = a_client(" ".join({*(door.scopes or ()), scope}), grant)
        async with town.client(door.service, who) as client:
            answer = await knock(door, client, things.address(door.path))
        assert answer.status_code < 500
        if answer.status_code != 404:
            opened.add(scope)
    assert opened == {scope for scope, doors in OPENED.items() if str(door) in doors}


@pytest.mark.parametrize("door", [d for d in NAMED if any(str(d) in it for it in OPENED.values())])
async def test_a_grant_opens_one_cooperative_of_one_organisation(
    town: Town, things: Things, door: Case
) -> None:
    subject, every = things.subjects[door.service], list(SCOPES)
    strangers = [
        a_client(" ".join(SCOPES)),
        a_client(" ".join(SCOPES), a_grant(things.org, str(uuid4()), *every)),
        a_client(" ".join(SCOPES), a_grant(f"org-{uuid4().hex[:12]}", subject, *every)),
    ]
    for who in strangers:
        async with town.client(door.service, who) as client:
            assert (await knock(door, client, things.address(door.path))).status_code == 404


@pytest.mark.parametrize(
    ("door", "scope"),
    [(d, scope) for scope, doors in OPENED.items() for d in NAMED if str(d) in doors],
    ids=str,
)
async def test_a_grant_adds_no_scope_to_a_token(
    town: Town, things: Things, door: Case, scope: str
) -> None:
    """A grant opens a scope only when the client's own token also holds it."""
    others = " ".join(set(SCOPES) - {scope})
    who = a_client(others, a_grant(things.org, things.subjects[door.service], scope))
    async with town.client(door.service, who) as client:
        answer = await knock(door, client, things.address(door.path))
    is_only_way = door.scopes == (scope,)
    assert answer.status_code == (403 if is_only_way else 404)
    assert problem(answer)["code"] == ("INSUFFICIENT_SCOPE" if is_only_way else "NOT_FOUND")


@pytest.mark.parametrize("door", [d for d in LISTS if d.path != "/v1/assessments"], ids=str)
async def test_lists_show_what_was_lent_and_nothing_else(
    town: Town, things: Things, door: Case
) -> None:
    for scope in SCOPES:
        grants = [
            a_grant(things.org, things.subjects[door.service], scope),
            a_grant(things.org, str(uuid4()), scope),
        ]
        who = a_client(" ".join({*(door.scopes or ()), scope}), *grants)
        async with town.client(door.service, who) as client:
            answer = await client.get(f"{door.path}?limit=200")
        assert answer.status_code == 200
        shown = {row.get("id", row.get("decision_id")) for row in answer.json()["items"]}
        is_lent = door.path in LISTED.get(scope, ())
        assert (things.ids.get(door.path, "nothing") in shown) == is_lent, scope
        owners = {row.get("organisation_id", things.org) for row in answer.json()["items"]}
        assert owners <= {things.org}


def test_the_page_about_roles_has_the_same_table() -> None:
    section = ROLES.read_text(encoding="utf-8").partition("## Access grants")[2]
    rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| `")]
    assert [row.strip("`") for row in rows] == sorted(OPENED)

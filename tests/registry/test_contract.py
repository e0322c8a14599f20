"""What the contract promises of every act on a filing: order of checks, replays, dry runs."""

from typing import Any
from uuid import uuid4

import pytest

from tests.makers import a_filing
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    drafted,
    expect,
    registered,
    reviewed,
    submitted,
)
from tests.town import Identity, Town, codes, problem


async def count(town: Town, what: str) -> int:
    [row] = await town.apps["registry"].state.reads.fetch(what)
    number: int = row[0]
    return number


WRONG_KEY = {"Idempotency-Key": "a b"}


async def test_a_dry_run_stores_nothing_and_needs_no_key(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    keyless = {"Idempotency-Key": ""}
    of_mine = f"select count(*) from filing where created_by = '{filer.sub}'"
    kept = f"select count(*) from idempotency where principal like '%|{filer.sub}'"
    before = [await count(town, of_mine), await count(town, kept)]
    async with town.client("registry", filer) as client:
        path = f"/v1/filings/{filing['id']}"
        new = await client.post(
            "/v1/filings?validate_only=true", json=a_filing(name="Jappoo"), headers=keyless
        )
        old = await client.post(f"{path}/submissions?validate_only=true", headers=keyless)
        after = expect(await client.get(path), 200)
    assert (expect(new, 200)["is_valid"], expect(old, 200)) == (
        False,
        {"is_valid": True, "findings": []},
    )
    assert (after["status"], after["version"]) == ("DRAFT", 1)
    assert [await count(town, of_mine), await count(town, kept)] == before


async def test_a_dry_run_is_refused_where_the_act_would_be(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    async with town.client("registry", filer) as client:
        path = f"/v1/filings/{filing['id']}/submissions?validate_only=true"
        answer = await client.post(path)
    assert (answer.status_code, problem(answer)["code"]) == (409, "ILLEGAL_TRANSITION")


ACTS: list[tuple[str, str, dict[str, Any]]] = [
    ("submissions", "drafted", {}),
    ("withdrawals", "submitted", {}),
    ("reviews", "submitted", {"outcome": "COMPLETE"}),
    ("decisions", "reviewed", {"outcome": "APPROVED"}),
]


@pytest.mark.parametrize(("what", "since", "body"), ACTS)
async def test_an_act_repeated_under_its_key_gives_the_same_answer(
    town: Town, what: str, since: str, body: dict[str, Any]
) -> None:
    filer = a_filer()
    brought = {"drafted": drafted, "submitted": submitted, "reviewed": reviewed}[since]
    filing = await brought(town, filer)
    who = {"reviews": an_instructor(), "decisions": a_validator()}.get(what, filer)
    headers = {"Idempotency-Key": uuid4().hex, "If-Match": f'"{filing["version"]}"'}
    path = f"/v1/filings/{filing['id']}/{what}"
    async with town.client("registry", who) as client:
        first = await client.post(path, json=body, headers=headers)
        again = await client.post(path, json=body, headers=headers)
        other = await client.post(path, json=body | {"surprise": 1}, headers=headers)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert problem(other)["code"] == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("what", ["submissions", "withdrawals", "reviews", "decisions"])
async def test_what_is_wrong_first_is_told_first(town: Town, what: str) -> None:
    filer = a_filer()
    filing = await registered(town, filer)
    who = {"reviews": an_instructor(), "decisions": a_validator()}.get(what, filer)
    path = f"/v1/filings/{filing['filing_id']}/{what}"
    outcome = {"outcome": "COMPLETE" if what == "reviews" else "REJECTED"}
    right = outcome if what in ("reviews", "decisions") else {}
    version = {"If-Match": f'"{filing["version"]}"'}
    stale = {"If-Match": '"1"'}
    async with town.client("registry", who) as client:

        async def ask(**sent: Any) -> str:
            code: str = problem(await client.post(sent.pop("path", path), **sent))["code"]
            return code

        nowhere = f"/v1/filings/{uuid4()}/{what}"
        absent = await ask(path=nowhere, content=b"?", headers={"Idempotency-Key": ""})
        plain = {"Idempotency-Key": "", "Content-Type": "text/plain"}
        media = await ask(content=b"?", headers=plain)
        keyless = await ask(json={"surprise": 1}, headers={"Idempotency-Key": ""})
        shape = await ask(json={"surprise": 1})
        state = await ask(json=right, headers=version)
        versions = (await ask(json=right), await ask(json=right, headers=stale))
    assert [absent, media, keyless, shape, state] == [
        "NOT_FOUND",
        "UNSUPPORTED_MEDIA_TYPE",
        "IDEMPOTENCY_KEY_MISSING",
        "VALIDATION_FAILED",
        "ILLEGAL_TRANSITION",
    ]
    unversioned = "PRECONDITION_REQUIRED" if what == "decisions" else "ILLEGAL_TRANSITION"
    assert versions == (unversioned, "PRECONDITION_FAILED")


async def test_state_comes_before_four_eyes_and_four_eyes_before_the_rules(town: Town) -> None:
    both = Identity(scope="filings:review filings:decide", territory=["SN"])
    filing = await submitted(town, a_filer())
    rejection = {"outcome": "REJECTED"}  # without its reason: a rule, told last
    async with town.client("registry", both) as client:
        early = await decide(client, filing, rejection)
        seen = expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
        own = await decide(client, seen | {"id": filing["id"]}, rejection)
    async with town.client("registry", a_validator()) as client:
        bare = await decide(client, seen | {"id": filing["id"]}, rejection)
    assert [problem(early)["code"], problem(own)["code"]] == ["ILLEGAL_TRANSITION", "FOUR_EYES"]
    assert codes(bare) == {"REASON_CODE_REQUIRED", "REASON_REQUIRED"}


@pytest.mark.parametrize("id", ["7", "URN:UUID", "{}", "0" * 32])
async def test_a_malformed_id_is_not_found_whatever_else_is_wrong(town: Town, id: str) -> None:
    who = Identity(scope="filings:write filings:review filings:decide cooperatives.members:read")
    async with town.client("registry", who) as client:
        base = f"/v1/filings/{id}"
        answers = [
            await client.get(base),
            await client.patch(base, content=b"?"),
            await client.get(f"/v1/initiatives/{id}"),
            await client.get(f"/v1/cooperatives/{id}"),
            await client.get(f"/v1/cooperatives/{id}/members"),
        ]
        for what in ("submissions", "reviews", "decisions", "withdrawals"):
            answers.append(
                await client.post(f"{base}/{what}", content=b"?", headers={"Idempotency-Key": ""})
            )
    assert {(a.status_code, problem(a)["code"]) for a in answers} == {(404, "NOT_FOUND")}


async def test_a_cursor_serves_its_own_list_alone(town: Town) -> None:
    filer = a_filer()
    for _ in range(2):
        await drafted(town, filer)
    async with town.client("registry", filer) as client:
        page = expect(await client.get("/v1/filings?limit=1"), 200)
        cursor = page["next_cursor"]
        elsewhere = await client.get(f"/v1/initiatives?cursor={cursor}")
        filtered = await client.get(f"/v1/filings?status=DRAFT&cursor={cursor}")
        answer = await client.get(f"/v1/filings?limit=200&cursor={cursor}")
    assert codes(elsewhere) == codes(filtered) == {"CURSOR_INVALID"}
    last = expect(answer, 200)
    assert len(last["items"]) == 1
    assert (last["next_cursor"], last["next"], "link" in answer.headers) == (None, None, False)


async def test_reads_carry_the_version_that_writes_ask_for(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    async with town.client("registry", filer) as client:
        path = f"/v1/filings/{filing['id']}"
        read = await client.get(path)
        headers = {"If-Match": read.headers["etag"]}
        changed = await client.patch(path, json={"effective_on": None}, headers=headers)
        lost = await client.patch(path, json={}, headers=headers)
        without = await client.patch(path, json={})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (lost.status_code, without.status_code) == (412, 428)


@pytest.mark.parametrize(("what", "since", "body"), ACTS)
async def test_an_act_on_another_version_than_was_read_is_refused(
    town: Town, what: str, since: str, body: dict[str, Any]
) -> None:
    filer = a_filer()
    brought = {"drafted": drafted, "submitted": submitted, "reviewed": reviewed}[since]
    filing = await brought(town, filer)
    who = {"reviews": an_instructor(), "decisions": a_validator()}.get(what, filer)
    async with town.client("registry", who) as client:
        path = f"/v1/filings/{filing['id']}/{what}"
        answer = await client.post(path, json=body, headers={"If-Match": '"99"'})
        read = expect(await client.get(f"/v1/filings/{filing['id']}"), 200)
    assert (answer.status_code, problem(answer)["current_version"]) == (412, filing["version"])
    assert read["status"] == filing["status"]


async def test_a_patch_names_nothing_that_a_filing_does_not_have(town: Town) -> None:
    """RFC 7396 takes away what is null: a misspelt name must not be taken for done."""
    filer = a_filer()
    filing = await drafted(town, filer)
    wrong = {"payload": {"objekt": None, "seat": {"commune": None}}, "efective_on": None}
    async with town.client("registry", filer) as client:
        headers = {"If-Match": '"1"'}
        answer = await client.patch(f"/v1/filings/{filing['id']}", json=wrong, headers=headers)
    found = {finding["pointer"] for finding in problem(answer)["errors"]}
    assert found == {"/payload/objekt", "/payload/seat/commune", "/efective_on"}


async def test_a_dry_run_refuses_a_key_that_is_none(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    async with town.client("registry", filer) as client:
        answers = [
            await client.post(f"{path}?validate_only=true", json=body, headers=WRONG_KEY)
            for path, body in (
                ("/v1/filings", a_filing()),
                (f"/v1/filings/{filing['id']}/submissions", {}),
            )
        ]
    assert {problem(answer)["code"] for answer in answers} == {"IDEMPOTENCY_KEY_INVALID"}


async def test_no_answer_lists_more_than_a_thousand_findings(town: Town) -> None:
    """Five thousand members of whom nothing is known miss more than that."""
    members = [{"id": f"m{n}"} for n in range(3_000)]
    async with town.client("registry", a_filer()) as client:
        body = {"type": "REGISTRATION", "payload": {"members": members}}
        answer = await client.post("/v1/filings?validate_only=true", json=body)
    assert len(expect(answer, 200)["findings"]) == 1_000


async def test_a_patch_of_the_wrong_shape_is_told_before_the_version_and_the_state(
    town: Town,
) -> None:
    """The order of checks (docs/adr/0004): 422, then 428, 412, then 409."""
    filer = a_filer()
    filing = await submitted(town, filer)
    async with town.client("registry", filer) as client:
        path = f"/v1/filings/{filing['id']}"
        wrong, right = {"surprise": 1}, {"payload": {"object": "Autre objet"}}
        answers = [
            await client.patch(path, json=wrong),
            await client.patch(path, json=right),
            await client.patch(path, json=right, headers={"If-Match": '"99"'}),
            await client.patch(path, json=right, headers={"If-Match": f'"{filing["version"]}"'}),
        ]
    assert [answer.status_code for answer in answers] == [422, 428, 412, 409]

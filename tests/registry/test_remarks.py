"""Remarks lead somewhere, each is answered, and the next reviewer sees what changed."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.registry.remarks.rules import answers, changed, leads_somewhere
from services.registry.remarks.service import schema_of
from tests.makers import a_member, a_registration
from tests.registry.people import a_filer, act, an_instructor, expect, submitted
from tests.town import Identity, Town, codes, problem

BODY = {"effective_on": None, "payload": a_registration()}
SCHEMA = schema_of("REGISTRATION")
OBJECT = {"pointer": "/payload/object", "message": "Précisez l'activité."}


@pytest.mark.parametrize(
    "pointer",
    [
        "",
        "/payload",
        "/effective_on",
        "/payload/seat/commune_code",
        "/payload/members/6/nin",
        "/payload/members/-",
        "/payload/documents/-/code",
        "/payload/officers/0/to_on",
    ],
)
def test_a_pointer_leads_to_what_a_filing_may_say(pointer: str) -> None:
    assert leads_somewhere(pointer, SCHEMA, BODY)


@pytest.mark.parametrize(
    "pointer",
    [
        "/object",
        "/payload/objet",
        "/payload/object/0",
        "/payload/members/7/nin",
        "/payload/members/01",
        "/payload/members/x",
        "/payload/documents/0",
        "/payload/members/0/salary",
        "/payload/",
        "/payload/members/²",
    ],
)
def test_a_pointer_into_nothing_is_found(pointer: str) -> None:
    assert not leads_somewhere(pointer, SCHEMA, BODY)


def test_rows_are_compared_by_their_id_and_not_by_their_place() -> None:
    old = {"members": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]}
    new = {"members": [{"id": "new", "n": 0}, {"id": "a", "n": 1}, {"id": "b", "n": 3}]}
    assert list(changed(old, new)) == ["/members/0", "/members/2/n"]
    assert list(changed(new, old)) == ["/members/1/n", "/members"]
    assert list(changed(old, old)) == []


@pytest.mark.parametrize(
    ("remark", "differences", "is_answered"),
    [
        ({"pointer": "/payload/object"}, ["/payload/object"], True),
        ({"pointer": "/payload/object"}, ["/payload/objects"], False),
        ({"pointer": "/payload/members/-"}, ["/payload/members/7"], True),
        ({"pointer": "/payload/members/3/nin"}, ["/payload/members"], True),
        ({"pointer": "", "document_code": "BYLAWS"}, ["/payload/documents/0/code"], True),
        ({"pointer": "", "document_code": "BYLAWS"}, ["/payload/object"], False),
        ({"pointer": ""}, ["/payload/object"], True),
        ({"pointer": ""}, [], False),
    ],
)
def test_a_change_at_its_place_answers_a_remark(
    remark: dict[str, Any], differences: list[str], is_answered: bool
) -> None:
    assert answers(remark, differences) is is_answered


async def send_back(
    town: Town, filing: dict[str, Any], *remarks: dict[str, Any], who: Identity | None = None
) -> httpx.Response:
    body = {"outcome": "CHANGES_REQUESTED", "remarks": list(remarks)}
    async with town.client("registry", who or an_instructor()) as client:
        return await act(client, filing, "reviews", body)


async def change(town: Town, filer: Identity, filing: dict[str, Any], **payload: Any) -> None:
    async with town.client("registry", filer) as client:
        path = f"/v1/filings/{filing['id']}"
        version = {"If-Match": (await client.get(path)).headers["etag"]}
        expect(await client.patch(path, json={"payload": payload}, headers=version), 200)


async def submit(town: Town, filer: Identity, filing: dict[str, Any], *said: Any) -> httpx.Response:
    async with town.client("registry", filer) as client:
        return await act(client, filing, "submissions", {"answers": list(said)} if said else {})


async def test_each_remark_names_something_that_exists(town: Town) -> None:
    filing = await submitted(town, a_filer())
    refused = await send_back(
        town,
        filing,
        {"pointer": "/payload/members/7", "message": "?"},
        {"rule": "R999", "message": "?"},
        {"code": "NO_SUCH_CODE", "message": "?"},
        {"document_code": "NO_SUCH_PIECE", "message": "?"},
    )
    found = {(error["code"], error["pointer"]) for error in problem(refused)["errors"]}
    assert found == {
        ("REMARK_POINTS_NOWHERE", "/remarks/0/pointer"),
        ("RULE_UNKNOWN", "/remarks/1/rule"),
        ("REMARK_CODE_UNKNOWN", "/remarks/2/code"),
        ("DOCUMENT_CODE_UNKNOWN", "/remarks/3/document_code"),
    }
    good = {"rule": "R1", "code": "MEMBERS_BELOW_MINIMUM", "document_code": "BYLAWS"}
    expect(await send_back(town, filing, {**OBJECT, **good}), 201)


async def test_a_rule_that_is_not_confirmed_is_no_ground_for_a_remark(town: Town) -> None:
    filing = await submitted(town, a_filer())
    assert codes(await send_back(town, filing, {"rule": "R15", "message": "?"})) == {"RULE_UNKNOWN"}


async def test_a_file_comes_back_only_when_each_remark_is_answered(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    bond = {"pointer": "/payload/common_bond", "message": "Précisez le lien."}
    expect(await send_back(town, filing, OBJECT, bond), 201)
    bare = await submit(town, filer, filing)
    await change(town, filer, filing, object="Décorticage de noix de cajou")
    half = await submit(town, filer, filing)
    async with town.client("registry", filer) as client:
        path = f"/v1/filings/{filing['id']}/submissions?validate_only=true"
        dry = expect(await client.post(path), 200)
    whole = await submit(town, filer, filing, {"remark": 2, "message": "Il est déjà précis."})
    assert codes(bare) == codes(half) == {"REMARK_UNANSWERED"}
    told = [[error["params"]["remark"] for error in problem(a)["errors"]] for a in (bare, half)]
    assert told == [[1, 2], [2]]
    assert [finding["code"] for finding in dry["findings"]] == ["REMARK_UNANSWERED"]
    assert expect(whole, 201)["arrival_number"] == filing["arrival_number"]


async def test_nothing_is_answered_that_was_not_remarked(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    expect(await send_back(town, filing, OBJECT), 201)
    one = {"remark": 1, "message": "Voilà."}
    odd = await submit(town, filer, filing, one, one, {"remark": 2, "message": "?"})
    found = {(error["code"], error["pointer"]) for error in problem(odd)["errors"]}
    assert found == {
        ("REMARK_ANSWERED_TWICE", "/answers/1/remark"),
        ("REMARK_UNKNOWN", "/answers/2/remark"),
    }
    assert expect(await submit(town, filer, filing, one), 201)["status"] == "SUBMITTED"


async def test_the_next_reviewer_sees_what_changed_and_what_was_said_and_no_values(
    town: Town,
) -> None:
    filer = a_filer()
    people = [a_member(n) for n in range(7)]
    filing = await submitted(town, filer, members=people)
    nin = {"pointer": "/payload/members/3/nin", "message": "Numéro illisible."}
    expect(await send_back(town, filing, OBJECT, nin), 201)
    said = f"Motif {uuid4().hex}"
    fresh = a_member(3)["nin"]
    changed_people = [*people[:3], people[3] | {"nin": fresh}, *people[4:]]
    await change(town, filer, filing, members=changed_people)
    expect(await submit(town, filer, filing, {"remark": 1, "message": said}), 201)
    path = f"/v1/filings/{filing['id']}"
    async with town.client("registry", an_instructor()) as client:
        seen = await client.get(f"{path}/changes-since-review")
        [review] = expect(await client.get(f"{path}/reviews"), 200)["items"]
    told = expect(seen, 200)
    assert told["pointers"] == ["/payload/members/3/nin"]
    assert [(r["is_changed"], r["answer"]) for r in told["remarks"]] == [
        (False, said),
        (True, None),
    ]
    assert fresh not in seen.text
    assert people[3]["nin"] not in seen.text
    assert [(a["remark"], a["message"]) for a in review["answers"]] == [(1, said)]
    async with town.client("registry", a_filer()) as stranger:
        assert (await stranger.get(f"{path}/changes-since-review")).status_code == 404
    reads = town.apps["registry"].state.reads
    rows = await reads.fetch("select message from remark_answer")
    assert not [row for row in rows if said in row["message"]]


async def test_what_was_compared_is_forgotten_when_the_file_is_closed(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    expect(await send_back(town, filing, OBJECT), 201)
    async with town.client("registry", filer) as client:
        expect(await act(client, filing, "withdrawals", {}), 201)
        told = expect(await client.get(f"/v1/filings/{filing['id']}/changes-since-review"), 200)
    assert told["review_id"] is None
    reads = town.apps["registry"].state.reads
    rows = await reads.fetch("select 1 from review_snapshot where filing_id = $1", filing["id"])
    assert rows == []

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from gateway.accounts.models import OrganisationKind, OrganisationStatus
from gateway.organisations.states import LIFE, OrganisationAction
from tests.gateway.bureau import Bureau, Who, a_manager, an_invitation, code_of
from tests.town import codes, problem

NOUNS = {
    OrganisationAction.SUSPEND: "suspensions",
    OrganisationAction.REACTIVATE: "reactivations",
    OrganisationAction.CLOSE: "closures",
}


async def put_into(bureau: Bureau, status: OrganisationStatus) -> dict[str, Any]:
    made = await bureau.organisation("DEVELOPER")
    for action in {"SUSPENDED": ["suspensions"], "CLOSED": ["closures"]}.get(status, []):
        await bureau.done(f"/organisations/{made['id']}/{action}")
    return await bureau.got(f"/organisations/{made['id']}")


@pytest.mark.parametrize("kind", [kind.value for kind in OrganisationKind])
async def test_an_administrator_enters_an_organisation_of_any_kind(
    bureau: Bureau, kind: str
) -> None:
    made = await bureau.organisation(kind, name="Unité de Ziguinchor")
    assert (made["kind"], made["status"], made["version"]) == (kind, "ACTIVE", 1)
    assert made["allowed_actions"] == ["EDIT", "SUSPEND", "CLOSE"]
    assert await bureau.got(f"/organisations/{made['id']}") == made
    assert await bureau.acts(made["id"]) == ["ORGANISATION_CREATED"]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"kind": "LENDER", "name": "Banque"}, "LENDER_ID_EXPECTED"),
        ({"kind": "COOPERATIVE", "name": "C", "lender_id": str(uuid4())}, "FIELD_INVALID"),
        ({"kind": "COOPERATIVE", "name": "Co", "lender_id": str(uuid4())}, "LENDER_ID_EXPECTED"),
        ({"kind": "BANK", "name": "Banque"}, "FIELD_INVALID"),
        ({"kind": "DEVELOPER", "name": "A\nB"}, "TEXT_NOT_PLAIN"),
        ({"kind": "DEVELOPER", "name": "A\u202eB"}, "TEXT_NOT_PLAIN"),
        ({"kind": "DEVELOPER"}, "FIELD_MISSING"),
        ({"kind": "DEVELOPER", "name": "Abc", "status": "ACTIVE"}, "FIELD_UNKNOWN"),
    ],
)
async def test_what_is_wrong_with_a_new_organisation_is_said(
    bureau: Bureau, wish: dict[str, Any], code: str
) -> None:
    answer = await bureau.ask("POST", "/organisations", wish)
    assert answer.status_code == 422
    assert code in codes(answer)


async def test_one_lender_is_one_organisation_also_when_two_ask_at_once(bureau: Bureau) -> None:
    wish = {"kind": "LENDER", "name": "Banque", "lender_id": str(uuid4())}
    answers = await asyncio.gather(*(bureau.ask("POST", "/organisations", wish) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {problem(answer)["code"] for answer in refused} == {"LENDER_TAKEN"}


async def test_the_same_key_gives_the_same_organisation(bureau: Bureau) -> None:
    wish = {"kind": "INITIATIVE", "name": "Groupe"}
    first = await bureau.ask("POST", "/organisations", wish, key="k-1")
    again = await bureau.ask("POST", "/organisations", wish, key="k-1")
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]


async def test_everybody_sees_their_own_organisation_and_no_other(bureau: Bureau) -> None:
    own, other = await bureau.organisation(), await bureau.organisation()
    who = Who(scope="cooperatives:read", org=own["id"], roles=["cooperative"])
    assert await bureau.got(f"/organisations/{own['id']}", who=who) == own
    assert [item["id"] for item in (await bureau.got("/organisations", who=who))["items"]] == [
        own["id"]
    ]
    foreign = await bureau.ask("GET", f"/organisations/{other['id']}", who=who)
    absent = await bureau.ask("GET", f"/organisations/org-{uuid4().hex[:20]}", who=who)
    assert code_of(foreign) == code_of(absent) == (404, "NOT_FOUND")


async def test_an_administrator_pages_through_all_of_them(bureau: Bureau) -> None:
    made = {(await bureau.organisation("INITIATIVE"))["id"] for _ in range(5)}
    found: list[str] = []
    path: str | None = "/organisations?kind=INITIATIVE&limit=2"
    while path:
        page = await bureau.got(path)
        assert len(page["items"]) <= 2
        found += [item["id"] for item in page["items"]]
        path = page["next"] and page["next"].partition("/v1")[2]
    assert made <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/organisations", {"kind": "DEVELOPER", "name": "Abc"}),
        ("PATCH", "/organisations/{id}", {"name": "Abc"}),
        ("POST", "/organisations/{id}/suspensions", {}),
        ("POST", "/organisations/{id}/reactivations", {}),
        ("POST", "/organisations/{id}/closures", {}),
    ],
)
async def test_a_manager_changes_no_organisation_not_even_their_own(
    bureau: Bureau, method: str, path: str, body: dict[str, Any]
) -> None:
    own = await bureau.organisation()
    address = path.replace("{id}", own["id"])
    answer = await bureau.ask(method, address, body, who=a_manager(own["id"]), match="1")
    assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")


async def test_a_name_is_changed_by_who_has_read_the_present_one(bureau: Bureau) -> None:
    made = await bureau.organisation()
    path = f"/organisations/{made['id']}"
    assert code_of(await bureau.ask("PATCH", path, {"name": "Nouveau"}))[0] == 428
    assert code_of(await bureau.ask("PATCH", path, {"name": "Nouveau"}, match="7"))[0] == 412
    assert code_of(await bureau.ask("PATCH", path, {"kind": "LENDER"}, match="1"))[0] == 422
    assert code_of(await bureau.ask("PATCH", path, {"name": None}, match="1"))[0] == 422
    changed = await bureau.ask("PATCH", path, {"name": "Nouveau"}, match="1")
    assert (changed.json()["name"], changed.headers["etag"]) == ("Nouveau", '"2"')


@pytest.mark.parametrize("action", NOUNS)
@pytest.mark.parametrize("status", list(OrganisationStatus))
async def test_a_life_is_the_table(
    bureau: Bureau, status: OrganisationStatus, action: OrganisationAction
) -> None:
    thing = await put_into(bureau, status)
    answer = await bureau.ask("POST", f"/organisations/{thing['id']}/{NOUNS[action]}", {})
    sources, leads_to = LIFE.moves[action]
    if status in sources:
        assert (answer.status_code, answer.json()["status"]) == (201, leads_to)
        assert answer.json()["version"] == thing["version"] + 1
        return
    refused = problem(answer)
    assert (answer.status_code, refused["code"]) == (409, "ILLEGAL_TRANSITION")
    assert refused["allowed_actions"] == [a.value for a in LIFE.allowed(status)]
    assert await bureau.got(f"/organisations/{thing['id']}") == thing


@pytest.mark.parametrize("noun", ["suspensions", "closures"])
async def test_whoever_belongs_to_it_is_out_at_once(bureau: Bureau, noun: str) -> None:
    own = await bureau.organisation()
    who = Who(scope="cooperatives:read", org=own["id"], roles=["cooperative"])
    await bureau.got("/me", who=who)
    token = bureau.token(who)
    await bureau.done(f"/organisations/{own['id']}/{noun}", {"reason": "MISUSE"})
    headers = {"Authorization": f"Bearer {token}"}
    answer = await bureau.raw("GET", "/me", headers)
    assert code_of(answer) == (401, "UNAUTHENTICATED")
    entry = (await bureau.got(f"/audit-entries?target_id={own['id']}"))["items"][0]
    assert entry["details"] == {"reason": "MISUSE"}
    assert entry["by_sub"] == bureau.admin.sub


@pytest.mark.parametrize("noun", ["suspensions", "closures"])
async def test_its_applications_lose_what_they_hold_for_persons_of_others(
    bureau: Bureau, noun: str
) -> None:
    maker = await bureau.organisation("DEVELOPER")
    app = await bureau.client(
        maker,
        auth_method="none",
        grant_types=["authorization_code"],
        redirect_uris=["https://app.example.sn/back"],
    )
    person = Who(scope="filings:write", roles=["cooperative"], client_id=app["id"])
    headers = {"Authorization": f"Bearer {bureau.token(person)}"}
    assert (await bureau.raw("GET", "/me", headers)).status_code == 200
    await bureau.done(f"/organisations/{maker['id']}/{noun}")
    answer = await bureau.raw("GET", "/me", headers)
    assert code_of(answer) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("noun", ["suspensions", "closures"])
async def test_nobody_is_invited_into_an_organisation_that_is_not_active(
    bureau: Bureau, noun: str
) -> None:
    own = await bureau.organisation()
    await bureau.done(f"/organisations/{own['id']}/{noun}")
    wish = an_invitation(organisation_id=own["id"], roles=["cooperative"])
    assert code_of(await bureau.ask("POST", "/users", wish)) == (409, "ORGANISATION_NOT_ACTIVE")

"""Access grants: what a cooperative lends, to whom, until when; and who sees it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis import clock
from chassis.auth import MAX_GRANTS
from gateway.rights import LENDABLE
from gateway.roles import SCOPES
from tests.gateway.bureau import Bureau, Who, a_manager, code_of, itself
from tests.town import codes, problem

LENT = ["cooperatives.members:read", "cooperatives:read"]


async def a_cooperative(bureau: Bureau, organisation: dict[str, Any]) -> str:
    """A cooperative of that organisation, as the registry would have told of it."""
    id = uuid4()
    await bureau.write(
        "insert into known_cooperative (id, organisation_id, name) values ($1, $2, 'Jappoo')",
        id,
        organisation["id"],
    )
    return str(id)


def a_president(organisation: dict[str, Any], **changes: Any) -> Who:
    scope = {
        "scope": " ".join((*LENDABLE, "grants:manage")),
        "roles": ["cooperative"],
        "territory": [],
    }
    return Who(**{"org": organisation["id"]} | scope | changes)


async def the_three(bureau: Bureau) -> tuple[Who, dict[str, Any], dict[str, Any]]:
    """A president, what they could grant, and the client they could grant it to."""
    own = await bureau.organisation()
    app = await bureau.client(await bureau.organisation("DEVELOPER"), scopes=list(LENDABLE))
    wish = {"cooperative_id": await a_cooperative(bureau, own), "client_id": app["id"]}
    wish |= {"scopes": LENT, "ends_at": in_days(30)}
    return a_president(own), wish, app


def in_days(days: float) -> str:
    return clock.wire(clock.now() + timedelta(days=days))


async def test_a_cooperative_lends_named_scopes_until_a_day(bureau: Bureau) -> None:
    president, wish, app = await the_three(bureau)
    made = await bureau.done("/access-grants", wish, who=president)
    assert (made["status"], made["allowed_actions"]) == ("ACTIVE", ["REVOKE"])
    assert made["scopes"] == LENT
    assert (made["cooperative_name"], made["client_name"]) == ("Jappoo", app["name"])
    assert made["granted_by"] == president.sub
    assert await bureau.got(f"/access-grants/{made['id']}", who=president) == made
    assert await bureau.acts(made["id"]) == ["ACCESS_GRANTED"]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"scopes": ["platform:admin"]}, ("SCOPE_NOT_LENDABLE", "/scopes/0")),
        ({"scopes": [*LENT, "filings:decide"]}, ("SCOPE_NOT_LENDABLE", "/scopes/2")),
        ({"scopes": ["no:such"]}, ("SCOPE_NOT_LENDABLE", "/scopes/0")),
        ({"scopes": []}, ("FIELD_INVALID", "/scopes")),
        ({"client_id": "client-nobody"}, ("CLIENT_UNKNOWN", "/client_id")),
        ({"days": -0.01}, ("DATE_OUT_OF_RANGE", "/ends_at")),
        ({"days": 365.5}, ("DATE_OUT_OF_RANGE", "/ends_at")),
        ({"ends_at": "2027-01-01"}, ("FIELD_INVALID", "/ends_at")),
        ({"organisation_id": "org-1"}, ("FIELD_UNKNOWN", "/organisation_id")),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_grant_is_said(
    bureau: Bureau, changes: dict[str, Any], found: tuple[str, str]
) -> None:
    president, wish, _ = await the_three(bureau)
    if "days" in changes:
        changes = {"ends_at": in_days(changes["days"])}
    answer = await bureau.ask("POST", "/access-grants", wish | changes, who=president)
    assert answer.status_code == 422, answer.text
    errors = problem(answer)["errors"]
    assert found in {(error["code"], error["pointer"]) for error in errors}


@pytest.mark.parametrize("scope", sorted(set(SCOPES) - set(LENDABLE)))
async def test_nothing_outside_the_closed_list_is_lent(bureau: Bureau, scope: str) -> None:
    president, wish, app = await the_three(bureau)
    await bureau.write("update client set scopes = $2 where id = $1", app["id"], [scope])
    president.scope += f" {scope}"
    answer = await bureau.ask("POST", "/access-grants", wish | {"scopes": [scope]}, who=president)
    assert codes(answer) == {"SCOPE_NOT_LENDABLE"}


async def test_nobody_lends_more_than_they_hold_nor_more_than_the_client_can_use(
    bureau: Bureau,
) -> None:
    president, wish, app = await the_three(bureau)
    wish["scopes"] = ["financing:apply"]
    president.scope = "grants:manage"
    answer = await bureau.ask("POST", "/access-grants", wish, who=president)
    assert codes(answer) == {"SCOPE_NOT_YOURS"}
    president.scope = "grants:manage financing:apply"
    await bureau.ask("PATCH", f"/clients/{app['id']}", {"scopes": ["events:read"]}, match="1")
    answer = await bureau.ask("POST", "/access-grants", wish, who=president)
    assert codes(answer) == {"SCOPE_NOT_THE_CLIENTS"}


async def test_what_an_owner_before_has_lent_is_not_in_the_way(bureau: Bureau) -> None:
    president, wish, _ = await the_three(bureau)
    before = await bureau.done("/access-grants", wish, who=president)
    other = a_president(await bureau.organisation())
    await bureau.write(
        "update known_cooperative set organisation_id = $2 where id = $1::uuid",
        wish["cooperative_id"],
        other.org,
    )
    path = f"/access-grants/{before['id']}/revocations"
    assert code_of(await bureau.ask("POST", path, {}, who=other)) == (404, "NOT_FOUND")
    made = await bureau.done("/access-grants", wish, who=other)
    assert made["organisation_id"] == other.org
    again = await bureau.ask("POST", "/access-grants", wish, who=other)
    assert code_of(again) == (409, "ALREADY_GRANTED")


async def test_only_a_machine_that_may_come_in_is_lent_anything(bureau: Bureau) -> None:
    president, wish, app = await the_three(bureau)
    await bureau.done(f"/clients/{app['id']}/suspensions")
    answer = await bureau.ask("POST", "/access-grants", wish, who=president)
    assert codes(answer) == {"CLIENT_UNKNOWN"}
    persons = await bureau.client(
        await bureau.organisation("DEVELOPER"),
        auth_method="none",
        grant_types=["authorization_code"],
        redirect_uris=["https://app.example.sn/"],
        scopes=LENT,
    )
    wish["client_id"] = persons["id"]
    answer = await bureau.ask("POST", "/access-grants", wish, who=president)
    assert codes(answer) == {"CLIENT_NOT_A_MACHINE"}


async def test_the_cooperative_of_others_is_as_one_that_is_not_known_yet(bureau: Bureau) -> None:
    president, wish, _ = await the_three(bureau)
    other = await a_cooperative(bureau, await bureau.organisation())
    foreign, absent = [
        await bureau.ask("POST", "/access-grants", wish | {"cooperative_id": id}, who=president)
        for id in (other, str(uuid4()))
    ]
    assert code_of(foreign) == (409, "NOT_YET_KNOWN")
    assert foreign.headers["retry-after"] == absent.headers["retry-after"] == "1"
    told = [{**problem(a), "trace_id": "", "instance": ""} for a in (foreign, absent)]
    assert told[0] == told[1]


async def test_a_client_does_not_lend_on_what_it_was_lent(bureau: Bureau) -> None:
    president, wish, app = await the_three(bureau)
    wish["scopes"] = ["filings:write"]
    await bureau.done("/access-grants", wish, who=president)
    who = itself(app)
    answer = await bureau.ask("POST", "/access-grants", wish, who=who)
    assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")
    who.scope += " grants:manage"
    answer = await bureau.ask("POST", "/access-grants", wish, who=who)
    assert code_of(answer) == (409, "NOT_YET_KNOWN")


@pytest.mark.parametrize("scope", sorted(set(SCOPES) - {"grants:manage"}))
async def test_only_who_was_given_it_to_lend_lends(bureau: Bureau, scope: str) -> None:
    president, wish, _ = await the_three(bureau)
    made = await bureau.done("/access-grants", wish, who=president)
    president.scope = scope
    answer = await bureau.ask("POST", "/access-grants", wish, who=president)
    assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")
    if scope != "platform:admin":
        path = f"/access-grants/{made['id']}/revocations"
        answer = await bureau.ask("POST", path, {}, who=president)
        assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")


async def test_an_application_lends_only_where_the_person_allowed_just_that(
    bureau: Bureau,
) -> None:
    """A consent to file is no consent to open the record to others."""
    president, wish, app = await the_three(bureau)
    president.claims = {"sid": "family-1", "auth_time": 1, "amr": ["pwd"]}
    president.scope = " ".join(LENDABLE)
    answer = await bureau.ask("POST", "/access-grants", wish, who=president)
    assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")
    president.scope += " grants:manage"
    assert (await bureau.done("/access-grants", wish, who=president))["client_id"] == app["id"]


async def test_a_second_grant_waits_for_the_end_of_the_first(bureau: Bureau) -> None:
    president, wish, _ = await the_three(bureau)
    first = await bureau.done("/access-grants", wish, who=president)
    again = await bureau.ask("POST", "/access-grants", wish, who=president)
    assert code_of(again) == (409, "ALREADY_GRANTED")
    await bureau.done(f"/access-grants/{first['id']}/revocations", who=president)
    second = await bureau.done("/access-grants", wish | {"ends_at": in_days(1)}, who=president)
    with clock.shifted(timedelta(days=2)):
        found = await bureau.got(f"/access-grants/{second['id']}", who=president)
        assert (found["status"], found["allowed_actions"]) == ("ENDED", [])
        await bureau.done("/access-grants", wish, who=president)


async def test_a_grant_is_revoked_once(bureau: Bureau) -> None:
    president, wish, _ = await the_three(bureau)
    made = await bureau.done("/access-grants", wish, who=president)
    path = f"/access-grants/{made['id']}/revocations"
    ended = await bureau.done(path, who=president)
    assert (ended["status"], ended["version"]) == ("REVOKED", 2)
    again = await bureau.ask("POST", path, {}, who=president)
    assert code_of(again) == (409, "ILLEGAL_TRANSITION")
    assert problem(again)["allowed_actions"] == []
    brief = await bureau.done("/access-grants", wish | {"ends_at": in_days(1)}, who=president)
    with clock.shifted(timedelta(days=2)):
        path = f"/access-grants/{brief['id']}/revocations"
        answer = await bureau.ask("POST", path, {}, who=president)
        assert (problem(answer)["code"], problem(answer)["current_status"]) == (
            "ILLEGAL_TRANSITION",
            "ENDED",
        )


async def test_giver_and_owner_of_the_client_see_it_and_nobody_else(bureau: Bureau) -> None:
    president, wish, app = await the_three(bureau)
    made = await bureau.done("/access-grants", wish, who=president)
    path = f"/access-grants/{made['id']}"
    owner = a_manager(app["organisation_id"])
    for who in (president, owner, itself(app), bureau.admin):
        assert await bureau.got(path, who=who) == made
        listed = await bureau.got(f"/access-grants?client_id={app['id']}", who=who)
        assert listed["items"] == [made]
    stranger = a_president(await bureau.organisation())
    foreign = await bureau.ask("GET", path, who=stranger)
    absent = await bureau.ask("GET", f"/access-grants/{uuid4()}", who=stranger)
    assert code_of(foreign) == code_of(absent) == (404, "NOT_FOUND")
    assert (await bureau.got("/access-grants", who=stranger))["items"] == []
    for who in (stranger, Who(scope="grants:manage", org=app["organisation_id"])):
        answer = await bureau.ask("POST", f"{path}/revocations", {}, who=who)
        assert code_of(answer) == (404, "NOT_FOUND")
    await bureau.done(f"{path}/revocations", who=bureau.admin)


async def test_grants_are_listed_page_by_page(bureau: Bureau) -> None:
    own = await bureau.organisation()
    _, wish, _ = await the_three(bureau)
    made = []
    for _ in range(5):
        wish["cooperative_id"] = await a_cooperative(bureau, own)
        made.append((await bureau.done("/access-grants", wish, who=a_president(own)))["id"])
    found: list[str] = []
    path: str | None = "/access-grants?limit=2"
    while path:
        page = await bureau.got(path, who=a_president(own))
        found += [item["id"] for item in page["items"]]
        path = page["next"] and page["next"].partition("/v1")[2]
    assert found == made


async def test_a_client_serves_so_many_and_no_more_whoever_asks_at_once(bureau: Bureau) -> None:
    own = await bureau.organisation()
    _, wish, app = await the_three(bureau)
    await bureau.write(
        "insert into known_cooperative (id, organisation_id, name)"
        " select gen_random_uuid(), $1::text, 'Jappoo' from generate_series(1, $2)",
        own["id"],
        MAX_GRANTS - 1,
    )
    await bureau.write(
        "insert into access_grant (id, organisation_id, cooperative_id, client_id, scopes,"
        " granted_by, created_at, ends_at, version) select gen_random_uuid(), $1::text, id, $2,"
        " '{events:read}', 'user-1', now(), now() + interval '1 day', 1 from known_cooperative"
        " where organisation_id = $1::text",
        own["id"],
        app["id"],
    )
    wishes = [wish | {"cooperative_id": await a_cooperative(bureau, own)} for _ in range(4)]
    answers = await asyncio.gather(
        *(bureau.ask("POST", "/access-grants", one, who=a_president(own)) for one in wishes)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {problem(answer)["code"] for answer in refused} == {"CLIENT_FULL"}


async def test_a_closed_client_gives_back_what_it_was_lent(bureau: Bureau) -> None:
    president, wish, app = await the_three(bureau)
    made = await bureau.done("/access-grants", wish, who=president)
    await bureau.done(f"/clients/{app['id']}/closures")
    found = await bureau.got(f"/access-grants/{made['id']}", who=president)
    assert found["status"] == "REVOKED"

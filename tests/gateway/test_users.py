"""Persons: invited, changed, suspended, gone, replaced."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.accounts.models import AccountStatus
from gateway.users.states import LIFE, OF_THE_PERSON, UserAction
from tests.gateway.bureau import Bureau, Who, a_manager, an_invitation, code_of
from tests.town import codes, problem

NOUNS = {
    UserAction.REINVITE: "invitations",
    UserAction.SUSPEND: "suspensions",
    UserAction.REACTIVATE: "reactivations",
    UserAction.RESET_PASSWORD: "password-resets",
    UserAction.RESET_SECOND_FACTOR: "second-factor-resets",
    UserAction.LEAVE: "departures",
}


async def in_state(bureau: Bureau, status: str) -> dict[str, Any]:
    """A person of a cooperative whose account is in that state."""
    own = await bureau.organisation()
    if status == "INVITED":
        return await bureau.invited(own, "cooperative")
    user = await bureau.active(own, "cooperative")
    noun = {"SUSPENDED": "suspensions", "LEFT": "departures"}.get(status)
    return await bureau.done(f"/users/{user['id']}/{noun}") if noun else user


async def test_a_person_is_invited_by_a_letter_that_alone_holds_the_code(bureau: Bureau) -> None:
    own = await bureau.organisation()
    wish = an_invitation(organisation_id=own["id"], roles=["cooperative"], language="en")
    user = await bureau.done("/users", wish)
    assert user["status"] == "INVITED"
    assert user["email"] == wish["email"]
    assert user["allowed_actions"] == ["CORRECT", "REINVITE", "LEAVE"]
    [(kind, letter)] = await bureau.letters(user["id"])
    assert kind == "INVITATION"
    assert (letter.to, letter.name, letter.language) == (wish["email"], "Awa Diatta", "en")
    assert letter.code
    assert letter.code not in str(user)
    [kept] = await bureau.rows("select * from account where id = $1", user["id"])
    assert wish["email"] not in str(kept)
    assert kept["password_hash"] is None
    assert await bureau.acts(user["id"]) == ["USER_INVITED"]


async def test_a_new_invitation_makes_the_earlier_code_void(bureau: Bureau) -> None:
    user = await in_state(bureau, "INVITED")
    [(_, first)] = await bureau.letters(user["id"])
    again = await bureau.done(f"/users/{user['id']}/invitations")
    assert again["version"] == user["version"] + 1
    [(_, second)] = await bureau.letters(user["id"])
    assert first.code != second.code
    rows = await bureau.rows("select used_at from one_time_code where account_id = $1", user["id"])
    assert sorted(row["used_at"] is None for row in rows) == [False, True]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"username": "Awa"}, "/username", "FIELD_INVALID"),
        ({"username": "a"}, "/username", "FIELD_INVALID"),
        ({"username": "awa diatta"}, "/username", "FIELD_INVALID"),
        ({"username": "awa-"}, "/username", "FIELD_INVALID"),
        ({"email": "awa"}, "/email", "FIELD_INVALID"),
        ({"email": "awa@localhost"}, "/email", "FIELD_INVALID"),
        ({"email": "a@b.sn\r\nBcc: x@y.sn"}, "/email", "FIELD_INVALID"),
        ({"email": "a@b.sn, c@d.sn"}, "/email", "FIELD_INVALID"),
        ({"email": '"a b"@c.sn'}, "/email", "FIELD_INVALID"),
        ({"full_name": "Awa\r\nBcc: x@y.sn"}, "/full_name", "TEXT_NOT_PLAIN"),
        ({"full_name": "Awa\u2028Diatta"}, "/full_name", "TEXT_NOT_PLAIN"),
        ({"full_name": "Awa <awa@b.sn>"}, "/full_name", "NAME_NOT_PLAIN"),
        ({"full_name": "Win 1000 https://b.sn"}, "/full_name", "NAME_NOT_PLAIN"),
        ({"language": "wo"}, "/language", "FIELD_INVALID"),
        ({"roles": []}, "/roles", "FIELD_INVALID"),
        ({"roles": ["admin"]}, "/roles/0", "ROLE_NOT_GIVABLE"),
        ({"roles": ["cooperative", "instructor"]}, "/roles/1", "ROLE_NOT_GIVABLE"),
        ({"roles": ["third_party"]}, "/roles/0", "ROLE_NOT_GIVABLE"),
        ({"territory": ["SN-ZG"]}, "/territory", "TERRITORY_NOT_EXPECTED"),
        ({"organisation_id": "org-nobody"}, "/organisation_id", "ORGANISATION_UNKNOWN"),
        ({"status": "ACTIVE"}, "/status", "FIELD_UNKNOWN"),
        ({"password": "x"}, "/password", "FIELD_UNKNOWN"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_an_invitation_is_said(
    bureau: Bureau, changes: dict[str, Any], pointer: str, code: str
) -> None:
    own = await bureau.organisation()
    wish = an_invitation(organisation_id=own["id"], roles=["cooperative"]) | changes
    answer = await bureau.ask("POST", "/users", wish)
    assert answer.status_code == 422
    errors = problem(answer)["errors"]
    assert (code, pointer) in {(error["code"], error["pointer"]) for error in errors}


@pytest.mark.parametrize(
    ("kind", "roles", "is_given"),
    [
        ("MINISTRY_UNIT", ["instructor"], True),
        ("MINISTRY_UNIT", ["validator", "statistician"], True),
        ("MINISTRY_UNIT", ["admin"], True),
        ("MINISTRY_UNIT", ["trainer"], True),
        ("MINISTRY_UNIT", ["dual_agent"], False),
        ("MINISTRY_UNIT", ["lender"], False),
        ("COOPERATIVE", ["manager", "cooperative"], True),
        ("COOPERATIVE", ["volunteer"], False),
        ("INITIATIVE", ["volunteer"], True),
        ("INITIATIVE", ["cooperative"], True),
        ("LENDER", ["lender"], True),
        ("LENDER", ["bank_a"], False),
        ("LENDER", ["financing_officer"], False),
        ("DEVELOPER", ["manager"], True),
        ("DEVELOPER", ["cooperative"], False),
        ("DEVELOPER", ["third_party"], False),
    ],
)
async def test_roles_follow_from_the_kind_of_the_organisation(
    bureau: Bureau, kind: str, roles: list[str], *, is_given: bool
) -> None:
    own = await bureau.organisation(kind)
    wish = an_invitation(organisation_id=own["id"], roles=roles)
    answer = await bureau.ask("POST", "/users", wish)
    assert answer.status_code == (201 if is_given else 422), answer.text


@pytest.mark.parametrize(
    ("own", "given", "code"),
    [
        (["SN"], ["SN"], None),
        (["SN"], ["SN-ZG", "SN-SE-SD3-1"], None),
        (["SN-SE"], ["SN-SE-SD3-1"], None),
        (["SN-SE", "SN-DK"], ["SN-DK-DD1"], None),
        (["SN-SE"], ["SN"], "TERRITORY_NOT_YOURS"),
        (["SN-SE"], ["SN-SE", "SN-DK"], "TERRITORY_NOT_YOURS"),
        (["SN-SE-SD3-1"], ["SN-SE-SD3"], "TERRITORY_NOT_YOURS"),
        ([], ["SN-SE"], "TERRITORY_NOT_YOURS"),
        (["SN"], ["SN-XX"], "TERRITORY_UNKNOWN"),
        (["SN"], ["FR"], "TERRITORY_UNKNOWN"),
    ],
)
async def test_nobody_gives_a_territory_beyond_their_own(
    bureau: Bureau, own: list[str], given: list[str], code: str | None
) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    for giver in (Who(territory=own), a_manager(unit["id"], territory=own)):
        wish = an_invitation(organisation_id=unit["id"], roles=["instructor"], territory=given)
        answer = await bureau.ask("POST", "/users", wish, who=giver)
        assert (codes(answer) if answer.status_code == 422 else None) == ({code} if code else None)


async def test_a_manager_invites_colleagues_and_nobody_else(bureau: Bureau) -> None:
    own, other = await bureau.organisation(), await bureau.organisation()
    manager = a_manager(own["id"], territory=[])
    user = await bureau.done("/users", an_invitation(roles=["cooperative"]), who=manager)
    assert user["organisation_id"] == own["id"]
    wish = an_invitation(organisation_id=other["id"], roles=["cooperative"])
    foreign = await bureau.ask("POST", "/users", wish, who=manager)
    assert codes(foreign) == {"ORGANISATION_UNKNOWN"}
    wish["organisation_id"] = "org-absent"
    absent = await bureau.ask("POST", "/users", wish, who=manager)
    assert codes(absent) == {"ORGANISATION_UNKNOWN"}


async def test_a_manager_of_the_ministry_makes_no_administrator(bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    wish = an_invitation(roles=["admin"])
    answer = await bureau.ask("POST", "/users", wish, who=a_manager(unit["id"]))
    assert codes(answer) == {"ROLE_NOT_GIVABLE"}


async def test_a_manager_does_not_touch_who_holds_more_than_they_could_give(
    bureau: Bureau,
) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    regional = a_manager(unit["id"], territory=["SN-SE"])
    admin = await bureau.active(unit, "admin")
    national = await bureau.active(unit, "instructor", territory=["SN"])
    near = await bureau.active(unit, "instructor", territory=["SN-SE-SD3"])
    for user in (admin, national):
        for noun in ("suspensions", "password-resets", "second-factor-resets", "departures"):
            answer = await bureau.ask("POST", f"/users/{user['id']}/{noun}", {}, who=regional)
            assert code_of(answer) == (403, "BEYOND_YOUR_RIGHTS")
        path, match = f"/users/{user['id']}", str(user["version"])
        answer = await bureau.ask(
            "PATCH", path, {"email": "x@example.sn"}, who=regional, match=match
        )
        assert code_of(answer) == (403, "BEYOND_YOUR_RIGHTS")
        assert (await bureau.got(f"/users/{user['id']}"))["status"] == "ACTIVE"
    await bureau.done(f"/users/{near['id']}/suspensions", who=regional)


@pytest.mark.parametrize("action", NOUNS)
@pytest.mark.parametrize("status", list(AccountStatus))
async def test_a_life_is_the_table(
    bureau: Bureau, status: AccountStatus, action: UserAction
) -> None:
    user = await in_state(bureau, status)
    answer = await bureau.ask("POST", f"/users/{user['id']}/{NOUNS[action]}", {})
    sources, leads_to = LIFE.moves[action]
    if status in sources:
        assert (answer.status_code, answer.json()["status"]) == (201, leads_to)
        assert answer.json()["version"] == user["version"] + 1
        assert (await bureau.acts(user["id"]))[-1] == f"USER_{action}"
        return
    refused = problem(answer)
    assert (answer.status_code, refused["code"]) == (409, "ILLEGAL_TRANSITION")
    assert refused["allowed_actions"] == [a.value for a in LIFE.allowed(status)]


@pytest.mark.parametrize("status", list(AccountStatus))
async def test_an_account_can_be_edited_while_somebody_uses_it_or_is_to_use_it(
    bureau: Bureau, status: AccountStatus
) -> None:
    user = await in_state(bureau, status)
    change = {"full_name": "Awa Sané", "email": f"{uuid4().hex}@example.sn"}
    path, match = f"/users/{user['id']}", str(user["version"])
    answer = await bureau.ask("PATCH", path, change, match=match)
    is_open = status in ("INVITED", "ACTIVE")
    assert answer.status_code == (200 if is_open else 409), answer.text
    if is_open:
        assert answer.json()["full_name"] == "Awa Sané"
        assert answer.headers["etag"] == f'"{user["version"] + 1}"'


def test_what_only_the_person_does_is_offered_to_nobody_else() -> None:
    assert set(UserAction) - NOUNS.keys() - OF_THE_PERSON == {
        UserAction.EDIT,
        UserAction.CORRECT,
        UserAction.REPLACE,
    }


@pytest.mark.parametrize("noun", ["suspensions", "departures", "second-factor-resets"])
async def test_what_a_person_held_ends_with_the_act(bureau: Bureau, noun: str) -> None:
    own = await bureau.organisation()
    user = await bureau.active(own, "cooperative")
    who = Who(scope="filings:write", org=own["id"], sub=user["id"], roles=["cooperative"])
    headers = {"Authorization": f"Bearer {bureau.token(who)}"}
    assert (await bureau.raw("GET", "/me", headers)).status_code == 200
    await bureau.write(
        "insert into sign_in (sha256, account_id, methods, signed_in_at, expires_at)"
        " values ($1, $2, '{pwd}', now(), now() + interval '1 hour')",
        uuid4().hex,
        user["id"],
    )
    await bureau.done(f"/users/{user['id']}/password-resets")
    await bureau.done(f"/users/{user['id']}/{noun}")
    assert code_of(await bureau.raw("GET", "/me", headers))[0] == 401
    signed_in = "select 1 from sign_in where account_id = $1 and ended_at is null"
    assert await bureau.rows(signed_in, user["id"]) == []
    live = "select 1 from one_time_code where account_id = $1 and used_at is null"
    assert await bureau.rows(live, user["id"]) == []


@pytest.mark.parametrize("noun", ["second-factor-resets", "departures"])
async def test_a_second_factor_goes_with_its_codes_on_paper(bureau: Bureau, noun: str) -> None:
    user = await in_state(bureau, "ACTIVE")
    await bureau.write("update account set totp_sealed = 'x' where id = $1", user["id"])
    await bureau.write(
        "insert into recovery_code (sha256, account_id, created_at) values ($1, $2, now())",
        uuid4().hex,
        user["id"],
    )
    assert (await bureau.got(f"/users/{user['id']}"))["has_second_factor"]
    after = await bureau.done(f"/users/{user['id']}/{noun}")
    assert not after["has_second_factor"]
    left = "select 1 from recovery_code where account_id = $1"
    assert await bureau.rows(left, user["id"]) == []
    kinds = [kind for kind, _ in await bureau.letters(user["id"])]
    assert ("SECOND_FACTOR_RESET" in kinds) == (noun == "second-factor-resets")


async def test_an_act_that_is_refused_ends_nothing(bureau: Bureau) -> None:
    own = await bureau.organisation()
    user = await bureau.active(own, "cooperative")
    who = Who(scope="filings:write", org=own["id"], sub=user["id"], roles=["cooperative"])
    headers = {"Authorization": f"Bearer {bureau.token(who)}"}
    answer = await bureau.ask("POST", f"/users/{user['id']}/suspensions", {}, match="99")
    assert code_of(answer) == (412, "PRECONDITION_FAILED")
    assert (await bureau.raw("GET", "/me", headers)).status_code == 200
    assert "USER_SUSPEND" not in await bureau.acts(user["id"])


async def test_whoever_has_left_leaves_neither_address_nor_secrets(bureau: Bureau) -> None:
    user = await in_state(bureau, "ACTIVE")
    await bureau.done(f"/users/{user['id']}/departures")
    [row] = await bureau.rows("select * from account where id = $1", user["id"])
    assert {row[name] for name in ("email_sealed", "email_blind", "password_hash")} == {None}
    assert row["username"] == user["username"]
    own = await bureau.organisation()
    again = await bureau.invited(own, "cooperative", email=user["email"])
    assert again["email"] == user["email"]


async def test_an_invitation_that_went_astray_follows_the_corrected_address(
    bureau: Bureau,
) -> None:
    user = await in_state(bureau, "INVITED")
    address = f"{uuid4().hex}@example.sn"
    [(_, astray)] = await bureau.letters(user["id"])
    answer = await bureau.ask("PATCH", f"/users/{user['id']}", {"email": address}, match="1")
    assert answer.json()["email"] == address
    [(_, right)] = await bureau.letters(user["id"])
    assert (astray.to, right.to) == (user["email"], address)
    live = await bureau.rows(
        "select 1 from one_time_code where account_id = $1 and used_at is null", user["id"]
    )
    assert len(live) == 1
    assert right.code != astray.code


async def test_who_is_moved_to_another_address_is_told_at_the_old_one(bureau: Bureau) -> None:
    user = await in_state(bureau, "ACTIVE")
    await bureau.done(f"/users/{user['id']}/password-resets")
    match = str(user["version"] + 1)
    change = {"email": f"{uuid4().hex}@example.sn"}
    answer = await bureau.ask("PATCH", f"/users/{user['id']}", change, match=match)
    assert answer.status_code == 200, answer.text
    kind, letter = (await bureau.letters(user["id"]))[-1]
    assert (kind, letter.to, letter.code) == ("ADDRESS_CHANGED", user["email"], None)
    live = "select 1 from one_time_code where account_id = $1 and used_at is null"
    assert await bureau.rows(live, user["id"]) == [], "a code at the old address opens nothing"


async def test_new_roles_end_the_tokens_that_carry_the_old_ones(bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    user = await bureau.active(unit, "instructor", territory=["SN-SE"])
    who = Who(scope="filings:review", org=unit["id"], sub=user["id"])
    headers = {"Authorization": f"Bearer {bureau.token(who)}"}
    assert (await bureau.raw("GET", "/me", headers)).status_code == 200
    change = {"roles": ["statistician"], "territory": ["SN"]}
    match = str(user["version"])
    answer = await bureau.ask("PATCH", f"/users/{user['id']}", change, match=match)
    assert answer.json()["roles"] == ["statistician"]
    assert code_of(await bureau.raw("GET", "/me", headers))[0] == 401


async def test_nobody_decides_on_their_own_rights(bureau: Bureau) -> None:
    own = await bureau.organisation()
    user = await bureau.active(own, "manager")
    me = a_manager(own["id"], sub=user["id"], territory=[])
    path, match = f"/users/{user['id']}", str(user["version"])
    answer = await bureau.ask(
        "PATCH", path, {"roles": ["cooperative", "manager"]}, who=me, match=match
    )
    assert code_of(answer) == (403, "OWN_RIGHTS")
    answer = await bureau.ask("PATCH", path, {"full_name": "Awa Sané"}, who=me, match=match)
    assert answer.status_code == 200
    gone = await bureau.active(own, "cooperative")
    await bureau.done(f"/users/{gone['id']}/departures")
    wish = {"successor_id": user["id"]}
    answer = await bureau.ask("POST", f"/users/{gone['id']}/replacements", wish, who=me)
    assert code_of(answer) == (403, "OWN_RIGHTS")
    assert (await bureau.got(path))["roles"] == ["manager"]


async def test_somebody_who_is_invited_takes_over(bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    gone = await bureau.active(unit, "instructor", territory=["SN-SE"])
    await bureau.done(f"/users/{gone['id']}/departures")
    wish = {"invitation": an_invitation()}
    successor = await bureau.done(f"/users/{gone['id']}/replacements", wish)
    assert successor["status"] == "INVITED"
    assert successor["replaces_id"] == gone["id"]
    assert (successor["roles"], successor["territory"]) == (["instructor"], ["SN-SE"])
    assert [kind for kind, _ in await bureau.letters(successor["id"])] == ["INVITATION"]
    again = await bureau.ask("POST", f"/users/{gone['id']}/replacements", wish)
    assert code_of(again) == (409, "ALREADY_REPLACED")
    assert (await bureau.acts(gone["id"]))[-1] == "USER_REPLACED"


async def test_a_colleague_takes_over_beside_what_they_did(bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    gone = await bureau.active(unit, "instructor", territory=["SN-SE"])
    colleague = await bureau.active(unit, "statistician", territory=["SN-DK"])
    await bureau.done(f"/users/{gone['id']}/departures")
    wish = {"successor_id": colleague["id"]}
    successor = await bureau.done(f"/users/{gone['id']}/replacements", wish)
    assert successor["roles"] == ["instructor", "statistician"]
    assert successor["territory"] == ["SN-DK", "SN-SE"]


@pytest.mark.parametrize("case", ["elsewhere", "absent", "gone", "the same"])
async def test_only_a_colleague_who_is_there_takes_over(bureau: Bureau, case: str) -> None:
    own, other = await bureau.organisation(), await bureau.organisation()
    gone = await bureau.active(own, "cooperative")
    await bureau.done(f"/users/{gone['id']}/departures")
    left = await bureau.active(own, "cooperative")
    await bureau.done(f"/users/{left['id']}/departures")
    successors = {
        "elsewhere": (await bureau.active(other, "cooperative"))["id"],
        "absent": "user-nobody",
        "gone": left["id"],
        "the same": gone["id"],
    }
    wish = {"successor_id": successors[case]}
    answer = await bureau.ask("POST", f"/users/{gone['id']}/replacements", wish)
    assert codes(answer) == {"SUCCESSOR_UNKNOWN"}


async def test_nobody_takes_over_from_who_is_still_there(bureau: Bureau) -> None:
    user = await in_state(bureau, "SUSPENDED")
    wish = {"invitation": an_invitation()}
    answer = await bureau.ask("POST", f"/users/{user['id']}/replacements", wish)
    assert code_of(answer) == (409, "ILLEGAL_TRANSITION")
    both: dict[str, Any] = {"invitation": an_invitation(), "successor_id": "user-1"}
    for wrong in ({}, both):
        answer = await bureau.ask("POST", f"/users/{user['id']}/replacements", wrong)
        assert codes(answer) == {"ONE_SUCCESSOR_EXPECTED"}


async def test_lists_say_what_persons_do_and_not_how_to_reach_them(bureau: Bureau) -> None:
    own = await bureau.organisation()
    users = [await bureau.invited(own, "cooperative") for _ in range(5)]
    manager = a_manager(own["id"])
    found: list[dict[str, Any]] = []
    path: str | None = "/users?limit=2"
    while path:
        page = await bureau.got(path, who=manager)
        found += page["items"]
        path = page["next"] and page["next"].partition("/v1")[2]
    assert [item["id"] for item in found] == [user["id"] for user in users]
    assert all("email" not in item for item in found)
    assert all(user["email"] not in str(found) for user in users)


async def test_a_list_of_others_is_empty_for_a_manager(bureau: Bureau) -> None:
    own, other = await bureau.organisation(), await bureau.organisation()
    user = await bureau.invited(other, "cooperative")
    path = f"/users?organisation_id={other['id']}"
    assert (await bureau.got(path, who=a_manager(own["id"])))["items"] == []
    assert [item["id"] for item in (await bureau.got(path))["items"]] == [user["id"]]
    path = f"/users?username={user['username']}"
    assert (await bureau.got(path, who=a_manager(own["id"])))["items"] == []
    assert len((await bureau.got(path))["items"]) == 1


async def test_the_stored_answer_names_nobody_and_is_replayed_whole(bureau: Bureau) -> None:
    own = await bureau.organisation()
    wish = an_invitation(organisation_id=own["id"], roles=["cooperative"])
    key = uuid4().hex
    first = await bureau.ask("POST", "/users", wish, key=key)
    [kept] = await bureau.rows("select body from idempotency where key = $1", key)
    assert wish["email"].encode() not in kept["body"]
    assert b"Diatta" not in kept["body"]
    again = await bureau.ask("POST", "/users", wish, key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"


@pytest.fixture
async def profile(bureau: Bureau) -> tuple[Who, dict[str, Any]]:
    own = await bureau.organisation()
    user = await bureau.active(own, "cooperative", full_name="Awa Diatta")
    return Who(scope="filings:write", org=own["id"], sub=user["id"]), user


async def test_a_person_reads_and_changes_their_own_profile(
    bureau: Bureau, profile: tuple[Who, dict[str, Any]]
) -> None:
    me, user = profile
    found = await bureau.got("/me/profile", who=me)
    assert found["username"] == user["username"]
    assert found["email_hint"] == "a…@example.sn"
    assert user["email"] not in str(found)
    match = str(found["version"])
    wish = {"full_name": "Awa Sané", "language": "en"}
    changed = await bureau.ask("PATCH", "/me/profile", wish, who=me, match=match)
    assert (changed.json()["full_name"], changed.json()["language"]) == ("Awa Sané", "en")
    assert (await bureau.acts(user["id"]))[-1] == "PROFILE_EDITED"


@pytest.mark.parametrize(
    "wish",
    [
        {"roles": ["admin"]},
        {"territory": ["SN"]},
        {"email": "x@example.sn"},
        {"username": "other"},
        {"full_name": None},
        {"full_name": ""},
        {"language": "wo"},
    ],
    ids=str,
)
async def test_and_nothing_else_about_themselves(
    bureau: Bureau, profile: tuple[Who, dict[str, Any]], wish: dict[str, Any]
) -> None:
    me, user = profile
    match = str(user["version"])
    answer = await bureau.ask("PATCH", "/me/profile", wish, who=me, match=match)
    assert answer.status_code == 422, answer.text


async def test_a_name_is_changed_and_never_taken_away_and_the_contract_says_so(
    bureau: Bureau,
) -> None:
    user = await bureau.active(await bureau.organisation(), "cooperative", full_name="Awa Diatta")
    path = f"/users/{user['id']}"
    answer = await bureau.ask("PATCH", path, {"full_name": None}, match=str(user["version"]))
    assert {(e["code"], e["pointer"]) for e in problem(answer)["errors"]} == {
        ("FIELD_MISSING", "/full_name")
    }
    schemas = json.loads(bureau.app.state.contract())["components"]["schemas"]
    for name in ("UserPatch", "ProfilePatch"):
        assert schemas[name]["properties"]["full_name"]["type"] == "string"
        assert "required" not in schemas[name]


async def test_a_machine_has_no_profile(bureau: Bureau) -> None:
    answer: httpx.Response = await bureau.ask("GET", "/me/profile", who=Who(sub="client-1"))
    assert code_of(answer) == (404, "NOT_FOUND")

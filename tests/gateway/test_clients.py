"""Clients: registered, changed, suspended, closed; their secrets, shown once."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import clock
from gateway.clients.states import LIFE, ClientAction
from gateway.issuer.clients import secret_sha256
from gateway.issuer.models import ClientStatus
from tests.gateway.bureau import Bureau, Who, a_client, a_manager, code_of, itself
from tests.town import PEERS, codes, problem

NOUNS = {
    ClientAction.SUSPEND: "suspensions",
    ClientAction.REACTIVATE: "reactivations",
    ClientAction.CLOSE: "closures",
}
APP: dict[str, Any] = {
    "auth_method": "none",
    "grant_types": ["authorization_code", "refresh_token"],
    "redirect_uris": ["https://app.example.sn/callback"],
}


async def token_by(bureau: Bureau, client_id: str, secret: str) -> httpx.Response:
    """What the token endpoint says to that secret."""
    transport = httpx.ASGITransport(bureau.app)
    async with httpx.AsyncClient(transport=transport, base_url=PEERS["gateway"]) as client:
        return await client.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret)
        )


async def is_good(bureau: Bureau, client_id: str, secret: str) -> bool:
    return (await token_by(bureau, client_id, secret)).status_code == 200


async def test_a_machine_gets_a_secret_that_is_shown_once(bureau: Bureau) -> None:
    own = await bureau.organisation("DEVELOPER")
    made = await bureau.client(own, scopes=["events:read", "cooperatives:read"])
    secret = made.pop("client_secret")
    assert len(secret) >= 43
    assert made["scopes"] == ["cooperatives:read", "events:read"]
    assert made["sub"] == made["id"]
    assert await bureau.got(f"/clients/{made['id']}") == made
    rows = await bureau.rows("select * from client_secret where client_id = $1", made["id"])
    assert [row["sha256"] for row in rows] == [secret_sha256(secret)]
    answer = await token_by(bureau, made["id"], secret)
    assert answer.json()["scope"] == "cooperatives:read events:read"
    assert not await is_good(bureau, made["id"], secret[:-1])


async def test_the_stored_answer_holds_no_secret_and_is_replayed_whole(bureau: Bureau) -> None:
    own = await bureau.organisation("DEVELOPER")
    key = uuid4().hex
    wish = a_client(own)
    first = await bureau.ask("POST", "/clients", wish, key=key)
    path = f"/clients/{first.json()['id']}/secrets"
    second = await bureau.ask("POST", path, {}, key=key)
    for answer, again in (
        (first, await bureau.ask("POST", "/clients", wish, key=key)),
        (second, await bureau.ask("POST", path, {}, key=key)),
    ):
        assert again.content == answer.content
        assert again.headers["idempotency-replayed"] == "true"
        assert answer.headers["cache-control"] == again.headers["cache-control"] == "no-store"
    rows = await bureau.rows("select body from idempotency where key = $1", key)
    assert len(rows) == 2
    for row in rows:
        assert row["body"].startswith(b"v1.")
        assert first.json()["client_secret"].encode() not in row["body"]
        assert second.json()["client_secret"].encode() not in row["body"]


@pytest.mark.parametrize(
    ("kind", "changes", "found"),
    [
        ("DEVELOPER", {"scopes": ["cooperatives.members:read", "filings:write"]}, None),
        ("DEVELOPER", {"scopes": ["platform:admin"]}, ("SCOPE_NOT_ALLOWED", "/scopes/0")),
        ("DEVELOPER", {"scopes": ["lender:decide"]}, ("SCOPE_NOT_ALLOWED", "/scopes/0")),
        ("DEVELOPER", {"scopes": ["no:such"]}, ("SCOPE_NOT_ALLOWED", "/scopes/0")),
        ("LENDER", {"scopes": ["lender:read"], "roles": ["lender"]}, None),
        ("LENDER", {"scopes": ["financing:validate"]}, ("SCOPE_NOT_ALLOWED", "/scopes/0")),
        ("MINISTRY_UNIT", {"scopes": ["filings:review"], "roles": ["instructor"],
                           "territory": ["SN-SE"]}, None),
        ("COOPERATIVE", {"scopes": ["filings:review"]}, ("SCOPE_NOT_ALLOWED", "/scopes/0")),
        ("COOPERATIVE", {"territory": ["SN"]}, ("TERRITORY_NOT_EXPECTED", "/territory")),
        ("MINISTRY_UNIT", {"territory": ["SN-XX"]}, ("TERRITORY_UNKNOWN", "/territory/0")),
        ("DEVELOPER", {"roles": ["instructor"]}, ("ROLE_NOT_GIVABLE", "/roles/0")),
        ("DEVELOPER", {"roles": ["third_party"]}, None),
        ("DEVELOPER", APP, None),
        ("DEVELOPER", APP | {"scopes": ["filings:review"]}, None),
        ("COOPERATIVE", APP | {"scopes": ["filings:review"]}, ("SCOPE_NOT_ALLOWED", "/scopes/0")),
        ("DEVELOPER", APP | {"grant_types": ["authorization_code", "client_credentials"]},
         ("CLIENT_WITHOUT_PROOF", "/grant_types")),
        ("DEVELOPER", APP | {"roles": ["third_party"]}, ("ROLE_NOT_GIVABLE", "/roles/0")),
        ("DEVELOPER", APP | {"redirect_uris": []}, ("REDIRECT_URI_EXPECTED", "/redirect_uris")),
        ("DEVELOPER", {"redirect_uris": ["https://a.sn/"]},
         ("REDIRECT_URI_EXPECTED", "/redirect_uris")),
        ("DEVELOPER", {"post_logout_uris": ["https://a.sn/"]},
         ("REDIRECT_URI_EXPECTED", "/post_logout_uris")),
        ("DEVELOPER", {"grant_types": ["client_credentials", "refresh_token"]},
         ("REFRESH_WITHOUT_PERSONS", "/grant_types")),
        ("DEVELOPER", {"grant_types": ["implicit"]}, ("FIELD_INVALID", "/grant_types/0")),
        ("DEVELOPER", {"auth_method": "client_secret_post"}, ("FIELD_INVALID", "/auth_method")),
        ("DEVELOPER", {"tier": "GOLD"}, ("TIER_UNKNOWN", "/tier")),
        ("DEVELOPER", {"tier": "HIGH"}, None),
        ("DEVELOPER", {"jwks_uri": "https://a.sn/jwks"}, ("JWKS_URI_NOT_EXPECTED", "/jwks_uri")),
        ("DEVELOPER", {"auth_method": "private_key_jwt", "jwks_uri": "https://a.sn/jwks"}, None),
        ("DEVELOPER", {"auth_method": "private_key_jwt", "jwks_uri": "http://a.sn/jwks"},
         ("URI_NOT_ALLOWED", "/jwks_uri")),
        ("DEVELOPER", {"client_secret": "mine"}, ("FIELD_UNKNOWN", "/client_secret")),
        ("DEVELOPER", {"sub": "user-1"}, ("FIELD_UNKNOWN", "/sub")),
        ("DEVELOPER", {"organisation_id": "org-nobody"},
         ("ORGANISATION_UNKNOWN", "/organisation_id")),
    ],
    ids=str,
)  # fmt: skip
async def test_what_a_client_may_be_follows_from_its_organisation(
    bureau: Bureau, kind: str, changes: dict[str, Any], found: tuple[str, str] | None
) -> None:
    own = await bureau.organisation(kind)
    answer = await bureau.ask("POST", "/clients", a_client(own) | changes)
    if found is None:
        assert answer.status_code == 201, answer.text
        return
    assert answer.status_code == 422, answer.text
    errors = problem(answer)["errors"]
    assert found in {(error["code"], error["pointer"]) for error in errors}


@pytest.mark.parametrize(
    ("uri", "is_allowed"),
    [
        ("https://app.example.sn/callback", True),
        ("https://app.example.sn:8443/a/b?c=d", True),
        ("http://127.0.0.1:5173/callback", True),
        ("http://[::1]:5173/callback", True),
        ("http://localhost/callback", True),
        ("http://app.example.sn/callback", False),
        ("http://127.0.0.1.example.sn/callback", False),
        ("http://localhost.example.sn/callback", False),
        ("https://app.example.sn/callback#fragment", False),
        ("https://app.example.sn/callback#", False),
        ("https://*.example.sn/callback", False),
        ("https://app.example.sn/*", False),
        ("https://user@app.example.sn/callback", False),
        ("https://app.example.sn@evil.example/", False),
        ("https:///callback", False),
        ("https://app.example.sn:port/", False),
        ("https://app.example.sn/a b", False),
        ("https://app.exam\nple.sn/", False),
        ("https://app.example.sn\\@evil.example/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("sn.example.app:/callback", False),
        ("//app.example.sn/callback", False),
        ("callback", False),
    ],
)
async def test_persons_return_to_exact_and_safe_addresses_alone(
    bureau: Bureau, uri: str, *, is_allowed: bool
) -> None:
    own = await bureau.organisation("DEVELOPER")
    for name in ("redirect_uris", "post_logout_uris"):
        answer = await bureau.ask("POST", "/clients", a_client(own) | APP | {name: [uri]})
        assert answer.status_code == (201 if is_allowed else 422), (uri, answer.text)
        assert is_allowed or codes(answer) == {"URI_NOT_ALLOWED"}


async def in_state(bureau: Bureau, status: str) -> dict[str, Any]:
    made = await bureau.client(await bureau.organisation("DEVELOPER"))
    noun = {"SUSPENDED": "suspensions", "CLOSED": "closures"}.get(status)
    if noun:
        await bureau.done(f"/clients/{made['id']}/{noun}")
    return await bureau.got(f"/clients/{made['id']}") | {"secret": made["client_secret"]}


@pytest.mark.parametrize("action", NOUNS)
@pytest.mark.parametrize("status", list(ClientStatus))
async def test_a_life_is_the_table(
    bureau: Bureau, status: ClientStatus, action: ClientAction
) -> None:
    client = await in_state(bureau, status)
    answer = await bureau.ask("POST", f"/clients/{client['id']}/{NOUNS[action]}", {})
    sources, leads_to = LIFE.moves[action]
    if status in sources:
        assert (answer.status_code, answer.json()["status"]) == (201, leads_to)
        assert await is_good(bureau, client["id"], client["secret"]) == (leads_to == "ACTIVE")
        assert (await bureau.acts(client["id"]))[-1] == f"CLIENT_{action}"
        return
    refused = problem(answer)
    assert (answer.status_code, refused["code"]) == (409, "ILLEGAL_TRANSITION")
    assert refused["allowed_actions"] == [a.value for a in LIFE.allowed(status)]


@pytest.mark.parametrize("status", list(ClientStatus))
async def test_only_an_active_client_changes_or_gets_secrets(
    bureau: Bureau, status: ClientStatus
) -> None:
    client = await in_state(bureau, status)
    path, match = f"/clients/{client['id']}", str(client["version"])
    changed = await bureau.ask("PATCH", path, {"name": "Autre"}, match=match)
    rotated = await bureau.ask("POST", f"{path}/secrets", {})
    is_active = status == ClientStatus.ACTIVE
    assert changed.status_code == (200 if is_active else 409)
    assert rotated.status_code == (201 if is_active else 409)


@pytest.mark.parametrize("noun", ["suspensions", "closures"])
async def test_what_a_client_was_given_ends_at_once(bureau: Bureau, noun: str) -> None:
    own = await bureau.organisation("DEVELOPER")
    client = await bureau.client(own)
    token = (await token_by(bureau, client["id"], client["client_secret"])).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await bureau.raw("GET", "/me", headers)).status_code == 200
    await bureau.done(f"/clients/{client['id']}/{noun}")
    assert code_of(await bureau.raw("GET", "/me", headers))[0] == 401


async def test_a_client_that_may_less_loses_the_tokens_that_say_more(bureau: Bureau) -> None:
    own = await bureau.organisation("DEVELOPER")
    client = await bureau.client(own, scopes=["events:read", "cooperatives:read"])
    token = (await token_by(bureau, client["id"], client["client_secret"])).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/clients/{client['id']}"
    renamed = await bureau.ask("PATCH", path, {"name": "Autre"}, match="1")
    assert renamed.status_code == 200
    assert (await bureau.raw("GET", "/me", headers)).status_code == 200
    changed = await bureau.ask("PATCH", path, {"scopes": ["events:read"]}, match="2")
    assert changed.json()["scopes"] == ["events:read"]
    assert code_of(await bureau.raw("GET", "/me", headers))[0] == 401


@pytest.mark.parametrize(
    "patch",
    [{"organisation_id": "org-1"}, {"auth_method": "none"}, {"status": "CLOSED"}, {"sub": "user-1"},
     {"scopes": []}, {"scopes": None}, {"name": None}, {"grant_types": []}],
    ids=str,
)  # fmt: skip
async def test_what_a_client_is_stays(bureau: Bureau, patch: dict[str, Any]) -> None:
    client = await in_state(bureau, "ACTIVE")
    answer = await bureau.ask("PATCH", f"/clients/{client['id']}", patch, match="1")
    assert answer.status_code == 422, answer.text


async def test_an_old_secret_lives_on_until_a_date_beside_its_successor(bureau: Bureau) -> None:
    client = await in_state(bureau, "ACTIVE")
    path = f"/clients/{client['id']}"
    ends = clock.now() + timedelta(days=3)
    wish = {"previous_ends_at": clock.wire(ends)}
    second = await bureau.done(f"{path}/secrets", wish)
    assert await is_good(bureau, client["id"], client["secret"])
    assert await is_good(bureau, client["id"], second["client_secret"])
    first, kept = (await bureau.got(f"{path}/secrets"))["items"]
    assert datetime.fromisoformat(first["revoke_at"]) == ends
    assert kept["revoke_at"] is None
    assert second["client_secret"] not in str(await bureau.got(f"{path}/secrets"))
    third = await bureau.ask("POST", f"{path}/secrets", {})
    assert code_of(third) == (409, "TWO_SECRETS_ALREADY")
    with clock.shifted(timedelta(days=3, seconds=1)):
        assert not await is_good(bureau, client["id"], client["secret"])
        assert await is_good(bureau, client["id"], second["client_secret"])
        assert len((await bureau.got(f"{path}/secrets"))["items"]) == 1
        await bureau.done(f"{path}/secrets")


async def test_a_secret_is_revoked_with_the_tokens_it_obtained(bureau: Bureau) -> None:
    client = await in_state(bureau, "ACTIVE")
    path = f"/clients/{client['id']}"
    [kept] = (await bureau.got(f"{path}/secrets"))["items"]
    token = (await token_by(bureau, client["id"], client["secret"])).json()["access_token"]
    ended = await bureau.done(f"{path}/secret-revocations", {"secret_id": kept["id"]})
    assert ended["revoke_at"]
    assert not await is_good(bureau, client["id"], client["secret"])
    headers = {"Authorization": f"Bearer {token}"}
    assert code_of(await bureau.raw("GET", "/me", headers))[0] == 401


@pytest.mark.parametrize(
    ("noun", "field", "offset"),
    [
        ("secrets", "previous_ends_at", timedelta(seconds=-1)),
        ("secrets", "previous_ends_at", timedelta(days=91)),
        ("secret-revocations", "revoke_at", timedelta(seconds=-1)),
        ("secret-revocations", "revoke_at", timedelta(days=401)),
    ],
)
async def test_nothing_ends_in_the_past_or_in_the_far_future(
    bureau: Bureau, noun: str, field: str, offset: timedelta
) -> None:
    client = await in_state(bureau, "ACTIVE")
    [kept] = (await bureau.got(f"/clients/{client['id']}/secrets"))["items"]
    wish = {field: clock.wire(clock.now() + offset)}
    wish |= {"secret_id": kept["id"]} if noun == "secret-revocations" else {}
    answer = await bureau.ask("POST", f"/clients/{client['id']}/{noun}", wish)
    assert codes(answer) == {"DATE_OUT_OF_RANGE"}


async def test_an_end_is_brought_forward_and_never_put_off(bureau: Bureau) -> None:
    client = await in_state(bureau, "ACTIVE")
    path = f"/clients/{client['id']}/secret-revocations"
    [kept] = (await bureau.got(f"/clients/{client['id']}/secrets"))["items"]

    async def end(days: int) -> httpx.Response:
        at = clock.wire(clock.now() + timedelta(days=days))
        return await bureau.ask("POST", path, {"secret_id": kept["id"], "revoke_at": at})

    assert (await end(10)).status_code == 201
    assert (await end(5)).status_code == 201
    assert codes(await end(6)) == {"DATE_OUT_OF_RANGE"}
    foreign = {"secret_id": str(uuid4())}
    assert codes(await bureau.ask("POST", path, foreign)) == {"SECRET_UNKNOWN"}


async def test_two_secrets_at_the_most_whoever_asks_at_once(bureau: Bureau) -> None:
    client = await in_state(bureau, "ACTIVE")
    path = f"/clients/{client['id']}/secrets"
    answers = await asyncio.gather(*(bureau.ask("POST", path, {}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_who_proves_itself_by_a_key_has_no_secret(bureau: Bureau) -> None:
    own = await bureau.organisation("LENDER")
    client = await bureau.client(own, auth_method="private_key_jwt", scopes=["lender:read"])
    assert client["client_secret"] is None
    answer = await bureau.ask("POST", f"/clients/{client['id']}/secrets", {})
    assert code_of(answer) == (409, "OTHER_PROOF_EXPECTED")


@pytest.fixture
async def pair(bureau: Bureau) -> tuple[dict[str, Any], dict[str, Any]]:
    """Clients of two organisations."""
    own, other = await bureau.organisation("DEVELOPER"), await bureau.organisation("DEVELOPER")
    return await bureau.client(own), await bureau.client(other)


CALLERS: dict[str, Callable[[dict[str, Any]], Who]] = {
    "manager": lambda client: a_manager(client["organisation_id"]),
    "itself": itself,
}


@pytest.mark.parametrize("caller", CALLERS)
async def test_clients_of_others_are_absent(
    bureau: Bureau, pair: tuple[dict[str, Any], dict[str, Any]], caller: str
) -> None:
    own, other = pair
    who = CALLERS[caller](own)
    assert (await bureau.got(f"/clients/{own['id']}", who=who))["id"] == own["id"]
    foreign = await bureau.ask("GET", f"/clients/{other['id']}", who=who)
    absent = await bureau.ask("GET", "/clients/client-nobody", who=who)
    assert code_of(foreign) == code_of(absent) == (404, "NOT_FOUND")
    for noun in ("keys", "key-revocations", "key-refreshes"):
        answer = await bureau.ask("POST", f"/clients/{other['id']}/{noun}", {}, who=who)
        assert code_of(answer) == (404, "NOT_FOUND"), noun


@pytest.mark.parametrize(
    "holding",
    [
        {"scopes": ["platform:admin"], "roles": ["admin"]},
        {"scopes": ["filings:decide", "platform:admin"]},
        {"scopes": ["filings:decide"], "roles": ["validator"], "territory": ["SN"]},
        {"scopes": ["filings:decide"], "roles": ["validator"], "territory": ["SN-DB", "SN-DK"]},
    ],
    ids=str,
)
async def test_a_manager_does_not_become_a_machine_that_may_more(
    bureau: Bureau, holding: dict[str, Any]
) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    machine = await bureau.client(unit, **holding)
    manager = a_manager(unit["id"], territory=["SN-DB"])
    path = f"/clients/{machine['id']}"
    [secret] = (await bureau.got(f"{path}/secrets"))["items"]
    for noun, body in (
        ("secrets", {}),
        ("secret-revocations", {"secret_id": secret["id"]}),
        ("suspensions", {}),
    ):
        answer = await bureau.ask("POST", f"{path}/{noun}", body, who=manager)
        assert code_of(answer) == (403, "BEYOND_YOUR_RIGHTS"), noun
    assert [s["id"] for s in (await bureau.got(f"{path}/secrets"))["items"]] == [secret["id"]]
    await bureau.done(f"{path}/secrets")


async def test_a_manager_looks_after_a_machine_that_may_no_more(bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    wish = {"scopes": ["filings:decide"], "roles": ["validator"], "territory": ["SN-DB"]}
    machine = await bureau.client(unit, **wish)
    manager = a_manager(unit["id"], territory=["SN-DB"])
    await bureau.done(f"/clients/{machine['id']}/secrets", who=manager)


async def test_a_manager_lists_and_looks_after_the_clients_of_their_organisation(
    bureau: Bureau, pair: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    own, other = pair
    manager = a_manager(own["organisation_id"])
    assert [c["id"] for c in (await bureau.got("/clients", who=manager))["items"]] == [own["id"]]
    path = f"/clients?organisation_id={other['organisation_id']}"
    assert (await bureau.got(path, who=manager))["items"] == []
    await bureau.done(f"/clients/{own['id']}/secrets", who=manager)
    await bureau.done(f"/clients/{own['id']}/suspensions", who=manager)
    for noun in ("reactivations", "closures"):
        answer = await bureau.ask("POST", f"/clients/{own['id']}/{noun}", {}, who=manager)
        assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")
    answer = await bureau.ask("PATCH", f"/clients/{own['id']}", {"name": "X"}, who=manager)
    assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")
    assert code_of(await bureau.ask("POST", "/clients", {}, who=manager))[0] == 403


@pytest.mark.parametrize("noun", ["secrets", "secret-revocations", "suspensions"])
async def test_a_machine_gives_itself_no_secret(
    bureau: Bureau, pair: tuple[dict[str, Any], dict[str, Any]], noun: str
) -> None:
    own, _ = pair
    answer = await bureau.ask("POST", f"/clients/{own['id']}/{noun}", {}, who=itself(own))
    assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")


async def test_a_person_is_not_the_application_that_they_use(bureau: Bureau) -> None:
    own = await bureau.organisation("DEVELOPER")
    app = await bureau.client(own, **APP)
    person = Who(scope="cooperatives:read", client_id=app["id"])
    assert code_of(await bureau.ask("GET", f"/clients/{app['id']}", who=person))[0] == 404


async def test_neither_audit_nor_lists_hold_a_secret(bureau: Bureau) -> None:
    client = await in_state(bureau, "ACTIVE")
    rotated = await bureau.done(f"/clients/{client['id']}/secrets")
    said = [
        await bureau.got(f"/audit-entries?target_id={client['id']}"),
        await bureau.got(f"/clients?organisation_id={client['organisation_id']}"),
        await bureau.got(f"/clients/{client['id']}/secrets"),
    ]
    for secret in (client["secret"], rotated["client_secret"]):
        assert secret not in str(said)
        assert secret_sha256(secret) not in str(said)

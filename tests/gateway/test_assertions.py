import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import clock
from chassis.keys import new_private_jwk
from gateway.issuer.purge import forget_expired
from tests.gateway.world import Gateway, asking, compact, es256

Forge = Callable[[Gateway], str]


async def asked(client: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    return await client.post("/oauth2/token", data=form)


@pytest.mark.parametrize("role", ["bank_a", "bank_b", "sfd"])
async def test_a_lender_gets_a_token_by_signing(
    gateway: Gateway, client: httpx.AsyncClient, role: str
) -> None:
    answer = await asked(client, gateway.asserted(role))
    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "lender:read lender:decide lender:report"
    token = answer.json()["access_token"]
    me = await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["lender_id"] == gateway.entry(role)["lender_id"]


@pytest.mark.parametrize("suffix", ["", "/oauth2/token"])
async def test_the_audience_is_the_token_endpoint_or_the_issuer(
    gateway: Gateway, client: httpx.AsyncClient, suffix: str
) -> None:
    answer = await asked(client, gateway.asserted("bank_a", aud=gateway.url + suffix))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example/token"},
        {"aud": None},
        {"aud": ""},
        {"aud": []},
        {"aud": ["https://elsewhere.example/token"]},
        {"iss": "client-other"},
        {"iss": None},
        {"sub": None},
        {"sub": 7},
        {"sub": "client-nobody", "iss": "client-nobody"},
        {"sub": "\u0000", "iss": "\u0000"},
        {"jti": None},
        {"jti": 7},
        {"jti": ""},
        {"jti": "x" * 129},
        {"jti": "a\u0000b"},
        {"jti": "\ud800"},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1},
        {"exp": 10**400},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
    ids=repr,
)
async def test_a_claim_that_is_missing_or_wrong_is_refused(
    gateway: Gateway, client: httpx.AsyncClient, changes: dict[str, Any]
) -> None:
    answer = await asked(client, gateway.asserted("bank_a", **changes))
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"].startswith("Basic")


async def test_an_audience_beside_ours_is_one_too_many(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    # the other one could bring the assertion to us
    ours, others = gateway.url, "https://elsewhere.example"
    alone = await asked(client, gateway.asserted("bank_a", aud=[ours]))
    both = await asked(client, gateway.asserted("bank_a", aud=[ours, others]))
    assert [alone.status_code, both.status_code] == [200, 401]


@pytest.mark.parametrize("typ", ["key-proof+jwt", "at+jwt", "int+jwt", "", 7, None])
async def test_a_statement_for_something_else_is_no_assertion(
    gateway: Gateway, client: httpx.AsyncClient, typ: Any
) -> None:
    key = gateway.entry("bank_a")["private_key_jwk"]
    header = {"alg": "ES256", "typ": typ, "kid": key["kid"]}
    form = asking(compact(header, gateway.assertion("bank_a"), es256(key)))
    assert (await asked(client, form)).status_code == 401


@pytest.mark.parametrize("ahead_s", [-40, 150, 3_600])
async def test_an_assertion_lives_a_minute_at_most(
    gateway: Gateway, client: httpx.AsyncClient, ahead_s: int
) -> None:
    form = gateway.asserted("bank_a", exp=int(time.time()) + ahead_s)
    assert (await asked(client, form)).status_code == 401


async def test_an_assertion_is_used_once(gateway: Gateway, client: httpx.AsyncClient) -> None:
    form = gateway.asserted("bank_a")
    first, second = [await asked(client, form) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 401)


async def test_the_same_jti_in_another_assertion_is_used_up_too(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    jti = uuid4().hex
    first = await asked(client, gateway.asserted("bank_a", jti=jti, exp=int(time.time()) + 30))
    second = await asked(client, gateway.asserted("bank_a", jti=jti))
    other = await asked(client, gateway.asserted("bank_b", jti=jti))
    assert [first.status_code, second.status_code, other.status_code] == [200, 401, 200]


async def test_an_assertion_is_used_up_even_if_its_request_is_refused(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    form = gateway.asserted("bank_a")
    refused = await asked(client, {**form, "scope": "platform:admin"})
    again = await asked(client, form)
    assert (refused.json()["error"], again.json()["error"]) == ("invalid_scope", "invalid_client")


async def test_of_twenty_at_once_with_one_jti_one_gets_a_token(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    jti = uuid4().hex
    forms = [gateway.asserted("sfd", jti=jti, exp=int(time.time()) + 30 + n) for n in range(20)]
    answers = await asyncio.gather(*(asked(client, form) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 19]


async def test_two_proofs_at_once_are_one_too_many(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    answer = await client.post(
        "/oauth2/token", data=gateway.asserted("bank_a"), auth=gateway.basic("instructor")
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_used_assertions_are_forgotten_when_they_could_not_be_used_anyway(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    jti = uuid4().hex
    await asked(client, gateway.asserted("bank_a", jti=jti))
    reads = gateway.app.state.reads
    await forget_expired(gateway.app)
    kept = await reads.fetch("select 1 from assertion_jti where jti = $1", jti)
    past = clock.now() - timedelta(minutes=2)
    await reads.fetch("update assertion_jti set expires_at = $2 where jti = $1", jti, past)
    await forget_expired(gateway.app)
    gone = await reads.fetch("select 1 from assertion_jti where jti = $1", jti)
    assert (len(kept), len(gone)) == (1, 0)


@pytest.mark.parametrize(("read_s_ago", "is_due"), [(31, True), (5, False)])
async def test_an_unknown_key_has_the_client_s_address_read_again_but_not_at_once(
    gateway: Gateway, client: httpx.AsyncClient, read_s_ago: int, is_due: bool
) -> None:
    reads = gateway.app.state.reads
    client_id = gateway.entry("bank_b")["client_id"]
    [before] = await reads.fetch(
        "update client set jwks_uri = 'http://127.0.0.1:9/keys',"
        " jwks_read_at = clock_timestamp() - make_interval(secs => $2) where id = $1"
        " returning jwks_read_at",
        client_id,
        read_s_ago,
    )
    try:
        key = dict(new_private_jwk("changed-yesterday"))
        header = {"alg": "ES256", "typ": "JWT", "kid": key["kid"]}
        forged = asking(compact(header, gateway.assertion("bank_b"), es256(key)))
        refused = await client.post("/oauth2/token", data=forged)
        [row] = await reads.fetch("select jwks_read_at from client where id = $1", client_id)
    finally:
        await reads.fetch(
            "update client set jwks_uri = null, jwks_read_at = null where id = $1", client_id
        )
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert (row["jwks_read_at"] != before["jwks_read_at"]) is is_due  # or read again already

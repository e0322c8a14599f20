import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from chassis import clock
from chassis.keys import new_private_jwk, public_jwk
from gateway.issuer.purge import forget_expired
from tests.gateway.world import Gateway, asking, compact, der, es256

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


@pytest.mark.parametrize("ahead_s", [-40, 95, 3_600])
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


def _header(gateway: Gateway, **changes: Any) -> dict[str, Any]:
    kid = gateway.entry("bank_a")["private_key_jwk"]["kid"]
    return {"alg": "ES256", "typ": "JWT", "kid": kid} | changes


def _key(gateway: Gateway, role: str = "bank_a") -> dict[str, Any]:
    found: dict[str, Any] = gateway.entry(role)["private_key_jwk"]
    return found


def with_the_key_of_another_bank(gateway: Gateway) -> str:
    return compact(_header(gateway), gateway.assertion("bank_a"), es256(_key(gateway, "bank_b")))


def with_a_key_in_its_header(gateway: Gateway) -> str:
    own = dict(new_private_jwk("mine"))
    header = {"alg": "ES256", "kid": "mine", "jwk": public_jwk(own)}
    return compact(header, gateway.assertion("bank_a"), es256(own))


def with_the_kid_of_another_bank(gateway: Gateway) -> str:
    header = _header(gateway, kid=_key(gateway, "bank_b")["kid"])
    return compact(header, gateway.assertion("bank_a"), es256(_key(gateway)))


def unsigned(gateway: Gateway) -> str:
    return compact({"alg": "none"}, gateway.assertion("bank_a"), lambda _: b"")


def with_the_public_key_as_hmac_secret(gateway: Gateway) -> str:
    pem = ECKey.import_key(public_jwk(_key(gateway))).as_pem(private=False)
    return jwt.encode({"alg": "HS256"}, gateway.assertion("bank_a"), OctKey.import_key(pem.hex()))


def with_rsa(gateway: Gateway) -> str:
    made = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    return jwt.encode({"alg": "RS256"}, gateway.assertion("bank_a"), RSAKey(made, made))


def in_der(gateway: Gateway) -> str:
    return compact(_header(gateway), gateway.assertion("bank_a"), der(_key(gateway)))


def with_an_unknown_extension(gateway: Gateway) -> str:
    header = _header(gateway, crit=["urgent"], urgent=True)
    return compact(header, gateway.assertion("bank_a"), es256(_key(gateway)))


def nested(gateway: Gateway) -> str:
    return compact(_header(gateway), b"[" * 9_000, es256(_key(gateway)))


def with_a_nested_header(gateway: Gateway) -> str:
    return compact(b'{"x":' + b"[" * 9_000, gateway.assertion("bank_a"), es256(_key(gateway)))


def of_three_words(_: Gateway) -> str:
    return "not.a.token"


def of_one_word(_: Gateway) -> str:
    return "nonsense"


def accented(_: Gateway) -> str:
    return "é.à.ç"


@pytest.mark.parametrize(
    "forge",
    [
        with_the_key_of_another_bank,
        with_a_key_in_its_header,
        with_the_kid_of_another_bank,
        unsigned,
        with_the_public_key_as_hmac_secret,
        with_rsa,
        in_der,
        with_an_unknown_extension,
        nested,
        with_a_nested_header,
        of_three_words,
        of_one_word,
        accented,
    ],
)
async def test_a_forged_assertion_is_refused(
    gateway: Gateway, client: httpx.AsyncClient, forge: Forge
) -> None:
    answer = await asked(client, asking(forge(gateway)))
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "invalid_client"


async def test_an_unknown_client_looks_like_a_wrong_key(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    key = _key(gateway)
    nobody = {"sub": "client-nobody", "iss": "client-nobody"}
    absent = compact(_header(gateway), gateway.assertion("bank_a", **nobody), es256(key))
    answers = [
        await asked(client, asking(token))
        for token in (absent, with_the_key_of_another_bank(gateway))
    ]
    assert answers[0].json() == answers[1].json()


async def test_a_client_with_a_secret_cannot_sign_instead(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    client_id = gateway.entry("instructor")["client_id"]
    changes = {"sub": client_id, "iss": client_id}
    token = compact(_header(gateway), gateway.assertion("bank_a", **changes), es256(_key(gateway)))
    assert (await asked(client, asking(token))).status_code == 401


async def test_a_lender_has_no_secret(gateway: Gateway, client: httpx.AsyncClient) -> None:
    auth = (gateway.entry("bank_a")["client_id"], "anything")
    form = {"grant_type": "client_credentials"}
    assert (await client.post("/oauth2/token", data=form, auth=auth)).status_code == 401


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

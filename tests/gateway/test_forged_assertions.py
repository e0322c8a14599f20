"""Assertions that only look as if a client had made them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from chassis.keys import new_private_jwk, public_jwk
from tests.gateway.world import Gateway, asking, compact, der, es256

Forge = Callable[[Gateway], str]


async def asked(client: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    return await client.post("/oauth2/token", data=form)


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

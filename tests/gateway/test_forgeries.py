"""Tokens that look like ours and are not: every one is refused, also where no token is needed."""

import hmac
import json
import time
from collections.abc import Callable

import httpx
import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from chassis.auth import INTERNAL_TYP
from chassis.keys import new_private_jwk, public_jwk
from tests.gateway.world import Gateway, Recorder, b64, compact, der, es256
from tests.town import problem

Forge = Callable[[Gateway], str]
NOW = time.time


def _public(gateway: Gateway) -> ECKey:
    return ECKey.import_key(public_jwk(gateway.private))


def _hmac(gateway: Gateway, secret: bytes, alg: str = "HS256") -> str:
    digest = {"HS256": "sha256", "HS512": "sha512"}[alg]
    return compact(
        gateway.header(alg=alg),
        gateway.claims(),
        lambda content: hmac.digest(secret, content, digest),
    )


def _encrypted(gateway: Gateway) -> str:
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": gateway.private["kid"]}
    anew = {name: gateway.private[name] for name in ("kty", "crv", "x", "y")}
    return jwe.encrypt_compact(header, json.dumps(gateway.claims()), ECKey.import_key(anew))


def _tampered(gateway: Gateway) -> str:
    head, _, signature = gateway.made().split(".")
    return f"{head}.{b64(json.dumps(gateway.claims(scope='platform:admin')).encode())}.{signature}"


def _stranger(gateway: Gateway, **header: object) -> str:
    own = dict(new_private_jwk("mine"))
    return compact(gateway.header(**header), gateway.claims(), es256(own))


def _embedded(gateway: Gateway) -> str:
    own = dict(new_private_jwk("mine"))
    header = gateway.header(kid="mine", jwk=public_jwk(own))
    return compact(header, gateway.claims(), es256(own))


def _malleable(gateway: Gateway) -> str:
    # (r, n - s) is the same signature to ECDSA; in another encoding it must not pass either
    return gateway.made()[:-4] + "AAAA"


FORGERIES: dict[str, Forge] = {
    "alg none": lambda g: compact(g.header(alg="none"), g.claims(), lambda _: b""),
    "alg None": lambda g: compact(g.header(alg="None"), g.claims(), lambda _: b""),
    "alg none, signed": lambda g: compact(g.header(alg="none"), g.claims(), g.sign),
    "alg missing": lambda g: g.made({"alg": None}),
    "alg is a list": lambda g: g.made({"alg": ["ES256"]}),
    "alg in small letters": lambda g: g.made({"alg": "es256"}),
    "alg of another curve": lambda g: g.made({"alg": "ES384"}),
    "alg RS256": lambda g: g.made({"alg": "RS256"}),
    "alg EdDSA": lambda g: g.made({"alg": "EdDSA"}),
    "HMAC with our PEM": lambda g: _hmac(g, _public(g).as_pem(private=False)),
    "HMAC with our DER": lambda g: _hmac(g, _public(g).as_der(private=False)),
    "HMAC with our JWK": lambda g: _hmac(g, json.dumps(public_jwk(g.private)).encode()),
    "HMAC with our x": lambda g: _hmac(g, g.private["x"].encode()),
    "HS512 with our PEM": lambda g: _hmac(g, _public(g).as_pem(private=False), "HS512"),
    "kid missing": lambda g: g.made({"kid": None}),
    "kid unknown": lambda g: g.made({"kid": "gw-000000-000000"}),
    "kid is a number": lambda g: g.made({"kid": 0}),
    "kid is a list": lambda g: g.made({"kid": [g.private["kid"]]}),
    "kid is a path": lambda g: g.made({"kid": "../keys.json"}),
    "kid is SQL": lambda g: g.made({"kid": "' or 1=1 --"}),
    "typ missing": lambda g: g.made({"typ": None}),
    "typ JWT": lambda g: g.made({"typ": "JWT"}),
    "typ of an ID token": lambda g: g.made({"typ": "id+jwt"}),
    "typ in capitals": lambda g: g.made({"typ": "AT+JWT"}),
    "typ of an internal token": lambda g: g.made({"typ": INTERNAL_TYP}),
    "an internal token": lambda g: g.made(
        {"typ": INTERNAL_TYP}, iss="mboolo-gateway", aud="registry"
    ),
    "an internal token retyped": lambda g: g.made(iss="mboolo-gateway", aud="registry"),
    "crit unknown": lambda g: g.made({"crit": ["urgent"], "urgent": 1}),
    "crit empty": lambda g: g.made({"crit": []}),
    "payload not encoded": lambda g: g.made({"b64": False}),
    "own key in the header": _embedded,
    "own key under our kid": _stranger,
    "own key by address": lambda g: _stranger(g, jku="http://127.0.0.1:9/keys"),
    "own certificate by address": lambda g: _stranger(g, x5u="http://127.0.0.1:9/cert"),
    "aud missing": lambda g: g.made(aud=None),
    "aud of another": lambda g: g.made(aud="https://elsewhere.example"),
    "aud of a service": lambda g: g.made(aud="registry"),
    "aud is a list": lambda g: g.made(aud=[g.url, "https://elsewhere.example"]),
    "iss missing": lambda g: g.made(iss=None),
    "HMAC with nothing": lambda g: _hmac(g, b""),
    "iss of another": lambda g: g.made(iss="https://elsewhere.example"),
    "iss nearly ours": lambda g: g.made(iss=f"{g.url}/"),
    "iat missing": lambda g: g.made(iat=None),
    "iat tomorrow": lambda g: g.made(iat=int(NOW()) + 86_400, exp=int(NOW()) + 86_700),
    "exp missing": lambda g: g.made(exp=None),
    "exp a minute ago": lambda g: g.made(exp=int(NOW()) - 60),
    "exp is a word": lambda g: g.made(exp="tomorrow"),
    "exp in a hundred years": lambda g: g.made(exp=int(NOW()) + 3_153_600_000),
    "nbf tomorrow": lambda g: g.made(nbf=int(NOW()) + 86_400),
    "sub missing": lambda g: g.made(sub=None),
    "jti missing": lambda g: g.made(jti=None),
    "client_id missing": lambda g: g.made(client_id=None),
    "org missing": lambda g: g.made(org=None),
    "roles are a number": lambda g: g.made(roles=7),
    "an ID token of ours": lambda g: g.made({"typ": "JWT"}, aud="client-1", nonce="n", sid="f-1"),
    "an ID token retyped": lambda g: g.made(aud="client-1", nonce="n", sid="f-1"),
    "a logout token": lambda g: g.made({"typ": "logout+jwt"}, events={"logout": {}}, sid="f-1"),
    "a client's assertion": lambda g: g.made({"typ": "JWT"}, iss="client-1", sub="client-1"),
    "a signed request": lambda g: g.made({"typ": "oauth-authz-req+jwt"}),
    "a DPoP proof": lambda g: g.made({"typ": "dpop+jwt"}),
    "an introspection answer": lambda g: g.made({"typ": "token-introspection+jwt"}),
    "a refresh token": lambda _: "x9Kq3vTn0bLr7WmZ2hYc8JdF5sAe1uGiPoQkRtXyBwM",
    "tier is a number": lambda g: g.made(tier=3),
    "sid is a list": lambda g: g.made(sid=["family-1"]),
    "brings its own grants": lambda g: g.made(
        grants=[{"org": "org-2", "subject": "1", "scopes": ["filings:write"]}]
    ),
    "brings no grants": lambda g: g.made(grants=[]),
    "too long": lambda g: g.made(padding="x" * 8_192),
    "changed after signing": _tampered,
    "signature of zeros": lambda g: compact(g.header(), g.claims(), lambda _: bytes(64)),
    "signature empty": lambda g: compact(g.header(), g.claims(), lambda _: b""),
    "signature cut": lambda g: compact(g.header(), g.claims(), lambda c: g.sign(c)[:63]),
    "signature doubled": lambda g: compact(g.header(), g.claims(), lambda c: g.sign(c) * 2),
    "signature in DER": lambda g: compact(g.header(), g.claims(), der(g.private)),
    "signature bent": _malleable,
    "encrypted for us": _encrypted,
    "header nested": lambda g: compact(b'{"x":' + b"[" * 3_000, g.claims(), g.sign),
    "header an array": lambda g: compact(b"[]", g.claims(), g.sign),
    "header not JSON": lambda g: compact(b"{", g.claims(), g.sign),
    "payload an array": lambda g: compact(g.header(), b"[]", g.sign),
    "two parts": lambda g: g.made().rpartition(".")[0],
    "four parts": lambda g: g.made() + ".e30",
    "followed by a word": lambda g: g.made() + " more",
    "padded": lambda g: g.made() + "==",
    "not a token": lambda _: "nonsense",
}


def test_there_are_enough_of_them() -> None:
    assert len(FORGERIES) >= 32


async def test_the_honest_token_beside_them_is_accepted(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    bearer = {"Authorization": f"Bearer {gateway.made()}"}
    answers = [await client.get(path, headers=bearer) for path in ("/v1/me", "/v1/cooperatives")]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("path", ["/v1/me", "/v1/problems", "/v1/cooperatives/forged"])
@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_refused(
    gateway: Gateway, client: httpx.AsyncClient, registry: Recorder, name: str, path: str
) -> None:
    bearer = {"Authorization": f"Bearer {FORGERIES[name](gateway)}"}
    answer = await client.get(path, headers=bearer)
    assert answer.status_code == 401
    assert problem(answer)["code"] == "UNAUTHENTICATED"
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert registry.count("/v1/cooperatives/forged") == 0


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "bearer", "DPoP x", "x"])
async def test_anything_but_one_bearer_token_is_refused(
    client: httpx.AsyncClient, header: str
) -> None:
    answer = await client.get("/v1/cooperatives", headers={"Authorization": header})
    assert problem(answer)["code"] == "UNAUTHENTICATED"


async def test_two_tokens_are_one_too_many(gateway: Gateway, client: httpx.AsyncClient) -> None:
    token = await gateway.token("instructor")
    both = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    assert (await client.get("/v1/cooperatives", headers=both)).status_code == 401

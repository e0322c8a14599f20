"""Tokens: what holds is accepted, what does not is `TokenRefused` and never anything else."""

import base64
import json
import time
from datetime import datetime, tzinfo
from typing import Any

import pytest
from joserfc import jwk, jwt

from chassis.jose import Expected, LocalKeys, TokenRefused, construct, verify
from chassis.keys import public_jwk
from tests.chassis.village.forgeries import (
    FORGERIES,
    NOW,
    OWN,
    RIGHT,
    SIGNER,
    claims,
    flipped,
    header,
    signed,
)

KEYS = LocalKeys([public_jwk(OWN)])


class Then(datetime):
    """The moment in which the tokens were made: when the tests were collected, maybe long ago."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Then":
        return cls.fromtimestamp(NOW + 0.5, tz)


@pytest.fixture(autouse=True)
def _then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW + 0.5)
    monkeypatch.setattr("jose.jwt.datetime", Then)


EXPECTED = Expected(typ="int+jwt", issuer="gateway", audience="registry")


async def test_a_right_token_is_accepted() -> None:
    assert await verify(RIGHT, KEYS, EXPECTED) == claims()


@pytest.mark.parametrize("token", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forgery_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        await verify(token, KEYS, EXPECTED)


async def test_not_one_bit_of_a_token_may_be_another() -> None:
    accepted = []
    for at in range(len(RIGHT)):
        try:
            await verify(flipped(RIGHT, at), KEYS, EXPECTED)
            accepted.append(at)
        except TokenRefused:
            continue
    assert accepted == []


@pytest.mark.parametrize(("name", "ahead_s"), [("exp", -20), ("iat", 50), ("nbf", 20)])
async def test_clocks_may_differ_by_half_a_minute(name: str, ahead_s: int) -> None:
    said = claims(**{name: int(time.time()) + ahead_s})
    assert await verify(signed(header(), said), KEYS, EXPECTED) == said


async def test_claims_that_we_do_not_know_are_ignored() -> None:
    assert await verify(signed(header(), claims(news=[1])), KEYS, EXPECTED) == claims(news=[1])


async def test_our_token_is_read_by_another_library() -> None:
    token = SIGNER.token(claims(), "int+jwt")
    read = jwt.decode(token, jwk.ECKey.import_key(public_jwk(OWN)), algorithms=["ES256"])
    assert read.claims == claims()
    assert read.header == {"alg": "ES256", "typ": "int+jwt", "kid": "gw-1"}


async def test_a_token_of_another_library_is_read_by_us() -> None:
    key = jwk.ECKey.import_key({k: v for k, v in OWN.items() if k not in ("use", "alg")})
    token = jwt.encode(header(), claims(), key, algorithms=["ES256"])
    assert await verify(token, KEYS, EXPECTED) == claims()


def test_a_token_without_typ_says_none() -> None:
    said = SIGNER.token(claims(), None).split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(said + "==")) == {"alg": "ES256", "kid": "gw-1"}


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "oct", "k": "AAAA"},
        {"kty": None},
        {"crv": "P-384"},
        {"x": "AAAA"},
        {"x": 7},
        {"y": None},
    ],
    ids=str,
)
def test_keys_of_other_kinds_are_refused(change: dict[str, Any]) -> None:
    key = {k: v for k, v in (public_jwk(OWN) | change).items() if v is not None}
    with pytest.raises(TokenRefused):
        construct(key)


def test_a_key_on_another_curve_is_refused() -> None:
    with pytest.raises(TokenRefused, match="kty"):
        construct(jwk.ECKey.generate_key("P-384").as_dict(private=False))


def test_the_private_part_is_never_shown() -> None:
    shown = public_jwk({**OWN, "status": "current"})
    assert set(shown) == {"kty", "crv", "x", "y", "kid", "use", "alg"}

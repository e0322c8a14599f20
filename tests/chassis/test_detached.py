"""Detached signatures bind a body to a moment, a place and a key."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jwk, jws

from chassis.jose import LocalKeys, Signer, TokenRefused, verify_detached
from chassis.keys import new_private_jwk, public_jwk

BANK = new_private_jwk("bank-1")
KEYS = LocalKeys([public_jwk(BANK)])
BODY = b'{"outcome":"APPROVED","amount_xof":250000}'
PLACE = {
    "htm": "POST",
    "htu": "http://gateway/v1/lender/assignments/7/decisions",
    "aud": "http://gateway",
    "idk": "k-1",
}
NOW = int(time.time())


def signed(body: bytes = BODY, key: dict[str, Any] = BANK, **changes: Any) -> str:
    protected = PLACE | {"iat": int(time.time())} | changes
    return Signer(key).detached(body, {k: v for k, v in protected.items() if v is not ...})


async def check(signature: str, body: bytes = BODY) -> dict[str, Any]:
    return await verify_detached(signature, body, KEYS, PLACE)


async def test_a_signed_body_is_accepted() -> None:
    header = await check(signed())
    assert {name: header[name] for name in PLACE} == PLACE
    assert header["kid"] == "bank-1"


@pytest.mark.parametrize("at", range(len(BODY)))
async def test_not_one_bit_of_the_body_may_be_another(at: int) -> None:
    signature = signed()
    body = BODY[:at] + bytes([BODY[at] ^ 1]) + BODY[at + 1 :]
    with pytest.raises(TokenRefused, match="signature"):
        await check(signature, body)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"htm": "PUT"}, "htm"),
        ({"htu": PLACE["htu"] + "?x=1"}, "htu"),
        ({"htu": PLACE["htu"].replace("7", "8")}, "htu"),
        ({"aud": "http://elsewhere"}, "aud"),
        ({"aud": ["http://gateway"]}, "aud"),
        ({"idk": "k-2"}, "idk"),
        ({"idk": '"k-1"'}, "idk"),
        ({"htm": ...}, "missing:htm"),
        ({"htu": ...}, "missing:htu"),
        ({"idk": ...}, "missing:idk"),
        ({"iat": ...}, "missing:iat"),
        ({"iat": "1767225600"}, "iat"),
        ({"iat": 1767225600.0}, "iat"),
        ({"iat": True}, "iat"),
        ({"kid": "bank-2"}, "kid"),
        ({"kid": None}, "kid"),
        ({"kid": ["bank-1"]}, "kid"),
        ({"alg": "none"}, "alg"),
        ({"alg": "HS256"}, "alg"),
        ({"b64": False}, "crit"),
        ({"b64": False, "crit": ["b64"]}, "crit"),
        ({"crit": ["iat"]}, "crit"),
    ],
    ids=str,
)
async def test_a_signature_for_something_else_is_refused(
    change: dict[str, Any], named: str
) -> None:
    with pytest.raises(TokenRefused) as refused:
        await check(signed(**change))
    assert refused.value.claim == named


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second begins between a signature and who looks at it."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


@pytest.mark.parametrize("age_s", [-295, 0, 299])
async def test_a_signature_lives_five_minutes(age_s: int, still: None) -> None:
    assert await check(signed(iat=int(time.time()) - age_s))


@pytest.mark.parametrize("age_s", [-302, 301])
async def test_a_signature_lives_no_longer(age_s: int, still: None) -> None:
    with pytest.raises(TokenRefused, match="iat"):
        await check(signed(iat=int(time.time()) - age_s))


async def test_the_key_of_another_is_refused() -> None:
    with pytest.raises(TokenRefused, match="signature"):
        await check(signed(key=new_private_jwk("bank-1")))


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def mac_with_public_key() -> str:
    protected = b64(json.dumps(PLACE | {"alg": "HS256", "kid": "bank-1", "iat": NOW}).encode())
    secret = json.dumps(public_jwk(BANK)).encode()
    proof = hmac.digest(secret, f"{protected}.{b64(BODY)}".encode(), hashlib.sha256)
    return f"{protected}..{b64(proof)}"


def attached() -> str:
    protected, _, proof = signed().split(".")
    return f"{protected}.{b64(BODY)}.{proof}"


HEAD, _, PROOF = signed().split(".")
BROKEN = {
    "empty": "",
    "dots": "..",
    "one part": HEAD,
    "four parts": f"{HEAD}..{PROOF}.",
    "attached": attached(),
    "HS256 with the public key": mac_with_public_key(),
    "no signature": f"{HEAD}..",
    "truncated": f"{HEAD}..{PROOF[:-4]}",
    "padded": f"{HEAD}..{PROOF}==",
    "a line break": f"{HEAD}..{PROOF[:9]}\n{PROOF[9:]}",
    "beyond ASCII": f"{HEAD}..{PROOF[:-1]}é",
    "header no JSON": f"AAAA..{PROOF}",
    "header nested": f"{b64(b'[' * 4000)}..{PROOF}",
    "too long": f"{HEAD}..{'A' * 9000}",
}


@pytest.mark.parametrize("signature", BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_signature_is_refused(signature: str) -> None:
    with pytest.raises(TokenRefused):
        await check(signature)


async def test_our_signature_is_read_by_another_library() -> None:
    protected, _, proof = signed().split(".")
    key = jwk.ECKey.import_key(public_jwk(BANK))
    names = ["alg", "kid", "iat", *PLACE]
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    read = jws.deserialize_compact(f"{protected}.{b64(BODY)}.{proof}", key, registry=registry)
    assert read.payload == BODY
    assert set(read.headers()) == set(names)


async def test_a_signature_of_another_library_is_read_by_us() -> None:
    key = jwk.ECKey.import_key({k: v for k, v in BANK.items() if k not in ("use", "alg")})
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    header = {"alg": "ES256", "kid": "bank-1", "iat": int(time.time()), **PLACE}
    made = jws.serialize_compact(header, BODY, key, registry=registry)
    protected, _, proof = made.split(".")
    assert await check(f"{protected}..{proof}") == header


async def test_the_body_of_a_document_may_be_large_and_binary() -> None:
    body = bytes(range(256)) * 4000
    assert await check(signed(body), body)

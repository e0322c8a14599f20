"""Tokens that look right, and are not."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwk, jws

from chassis.jose import Signer, construct
from chassis.keys import new_private_jwk, public_jwk

OWN = new_private_jwk("gw-1")
OTHER = new_private_jwk("gw-1")
SIGNER = Signer(OWN)
NOW = int(time.time())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(**changes: Any) -> dict[str, Any]:
    right = {
        "iss": "gateway",
        "aud": "registry",
        "sub": "user-1",
        "client_id": "app-1",
        "jti": "j-1",
        "iat": NOW,
        "exp": NOW + 3000,
    }
    return {k: v for k, v in (right | changes).items() if v is not ...}


def b64(content: bytes | str) -> str:
    raw = content.encode() if isinstance(content, str) else content
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: Any, payload: Any, key: Signer = SIGNER) -> str:
    """Any header over any payload, signed with ES256 whatever the header says."""
    spelt = [part if isinstance(part, str) else json.dumps(part) for part in (header, payload)]
    message = ".".join(b64(part) for part in spelt)
    return f"{message}.{b64(key._key.sign(message.encode()))}"


def header(**changes: Any) -> dict[str, Any]:
    right = {"alg": "ES256", "typ": "int+jwt", "kid": "gw-1"}
    return {k: v for k, v in (right | changes).items() if v is not ...}


def mac(secret: bytes, **changes: Any) -> str:
    message = f"{b64(json.dumps(header(alg='HS256', **changes)))}.{b64(json.dumps(claims()))}"
    return f"{message}.{b64(hmac.digest(secret, message.encode(), hashlib.sha256))}"


def public_bytes(encoding: serialization.Encoding) -> bytes:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    key: Any = construct(public_jwk(OWN)).to_pem()
    loaded = serialization.load_pem_public_key(key)
    return loaded.public_bytes(encoding, kind)


def by_rsa() -> str:
    key = jwk.RSAKey.import_key(
        RSA.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return jws.serialize_compact(header(alg="RS256"), json.dumps(claims()), key, ["RS256"])


def encrypted() -> str:
    return ".".join([b64(json.dumps(header(alg="ECDH-ES", enc="A256GCM"))), "", "AA", "AA", "AA"])


def flipped(token: str, at: int) -> str:
    spelt = "B" if token[at] != "B" else "C"
    return token[:at] + spelt + token[at + 1 :]


RIGHT = signed(header(), claims())
HEADER, PAYLOAD, SIGNATURE = RIGHT.split(".")
_ORDER = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# the last of 86 characters carries two bits of the signature and four that a reader may ignore
LOOSE = SIGNATURE[:-1] + _ORDER[_ORDER.index(SIGNATURE[-1]) ^ 1]

FORGERIES: dict[str, str] = {
    # which algorithm
    "alg none": f"{b64(json.dumps(header(alg='none')))}.{PAYLOAD}.",
    "alg None, signed": signed(header(alg="None"), claims()),
    "alg missing": signed(header(alg=...), claims()),
    "alg a list": signed(header(alg=["ES256"]), claims()),
    "alg another": signed(header(alg="ES384"), claims()),
    "HS256 with our PEM": mac(public_bytes(serialization.Encoding.PEM)),
    "HS256 with our DER": mac(public_bytes(serialization.Encoding.DER)),
    "HS256 with our JWK": mac(json.dumps(public_jwk(OWN)).encode()),
    "HS256 without a secret": mac(b""),
    "RS256": by_rsa(),
    # which key
    "kid unknown": signed(header(kid="gw-2"), claims()),
    "kid missing": signed(header(kid=...), claims()),
    "kid a number": signed(header(kid=1), claims()),
    "kid a list": signed(header(kid=["gw-1"]), claims()),
    "kid null": signed(header(kid=None), claims()),
    "kid a path": signed(header(kid="../../gw-1"), claims()),
    "another key of that name": signed(header(), claims(), Signer(OTHER)),
    "jwk in the header": signed(header(jwk=public_jwk(OTHER)), claims(), Signer(OTHER)),
    "jku in the header": signed(header(jku="http://127.0.0.1/k"), claims(), Signer(OTHER)),
    "x5u in the header": signed(header(x5u="http://127.0.0.1/k"), claims(), Signer(OTHER)),
    # which kind
    "typ of an external token": signed(header(typ="at+jwt"), claims()),
    "typ JWT": signed(header(typ="JWT"), claims()),
    "typ missing": signed(header(typ=...), claims()),
    "typ a list": signed(header(typ=["int+jwt"]), claims()),
    "crit unknown": signed(header(crit=["x"], x=1), claims()),
    "crit empty": signed(header(crit=[]), claims()),
    "b64 false": signed(header(b64=False), claims()),
    # for whom, by whom
    "aud missing": signed(header(), claims(aud=...)),
    "aud null": signed(header(), claims(aud=None)),
    "aud wrong": signed(header(), claims(aud="training")),
    "aud a list": signed(header(), claims(aud=["registry"])),
    "aud a list of two": signed(header(), claims(aud=["training", "registry"])),
    "iss missing": signed(header(), claims(iss=...)),
    "iss wrong": signed(header(), claims(iss="registry")),
    "iss a list": signed(header(), claims(iss=["gateway"])),
    "sub missing": signed(header(), claims(sub=...)),
    "sub a number": signed(header(), claims(sub=7)),
    "jti missing": signed(header(), claims(jti=...)),
    "jti a number": signed(header(), claims(jti=7)),
    # when
    "exp missing": signed(header(), claims(exp=...)),
    "exp past": signed(header(), claims(exp=NOW - 120)),
    "exp null": signed(header(), claims(exp=None)),
    "exp a text": signed(header(), claims(exp=str(NOW + 600))),
    "exp broken": signed(header(), claims(exp=NOW + 600.5)),
    "exp true": signed(header(), claims(exp=True)),
    "exp a list": signed(header(), claims(exp=[NOW + 600])),
    "exp in a hundred years": signed(header(), claims(exp=NOW + 3_153_600_000)),
    "exp huge": signed(header(), claims(exp=10**300)),
    "exp infinite": signed(header(), json.dumps(claims(exp=0)).replace(": 0}", ": 1e999}")),
    "exp not a number": signed(header(), json.dumps(claims(exp=0)).replace(": 0}", ": NaN}")),
    "iat missing": signed(header(), claims(iat=...)),
    "iat future": signed(header(), claims(iat=NOW + 30_000, exp=NOW + 30_600)),
    "iat a text": signed(header(), claims(iat=str(NOW))),
    "nbf future": signed(header(), claims(nbf=NOW + 30_000)),
    "nbf a text": signed(header(), claims(nbf="x")),
    # which bytes
    "longer than 8 kB": signed(header(), claims(pad="x" * 8192)),
    "JWE": encrypted(),
    "JWE in the shape of a JWS": signed(header(enc="A256GCM", alg="dir"), claims()),
    "two parts": f"{HEADER}.{PAYLOAD}",
    "four parts": f"{RIGHT}.AA",
    "truncated": RIGHT[:-10],
    "no signature": f"{HEADER}.{PAYLOAD}.",
    "empty": "",
    "dots": "..",
    "a bit of the header": flipped(RIGHT, 5),
    "a bit of the payload": flipped(RIGHT, len(HEADER) + 9),
    "a bit of the signature": flipped(RIGHT, len(RIGHT) - 40),
    "bits that a reader may ignore": f"{HEADER}.{PAYLOAD}.{LOOSE}",
    "padding": f"{RIGHT}==",
    "a line break": f"{RIGHT[:-8]}\n{RIGHT[-8:]}",
    "a foreign character": f"{RIGHT[:-8]}!{RIGHT[-8:]}",
    "the other alphabet": f"{HEADER}.{PAYLOAD}.{'+/' + SIGNATURE[2:]}",
    "a letter beyond ASCII": f"{RIGHT[:-8]}é{RIGHT[-8:]}",
    "a lone surrogate": f"{RIGHT[:-8]}\ud800{RIGHT[-8:]}",
    "signature in DER": f"{HEADER}.{PAYLOAD}.{b64(b'0' + bytes(70))}",
    "signature of zeros": f"{HEADER}.{PAYLOAD}.{b64(bytes(64))}",
    "header no JSON": f"{b64('{')}.{PAYLOAD}.{SIGNATURE}",
    "header no object": signed([], claims()),
    "header a text": signed(json.dumps("ES256"), claims()),
    "header not UTF-8": f"{b64(bytes([0xFF, 0xFE]))}.{PAYLOAD}.{SIGNATURE}",
    "header nested without end": signed('{"alg":"ES256","x":' + "[" * 2900, claims()),
    "payload no object": signed(header(), [1]),
    "payload no JSON": signed(header(), "{"),
    "payload nested without end": signed(header(), "[" * 2900),
}

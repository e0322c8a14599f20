"""What the gateway's tests speak with: a running gateway, forged tokens, a service that records."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from fastapi import FastAPI
from joserfc.jwk import ECKey
from starlette.types import Receive, Scope, Send

from tests.gateway.visitor import Visitor

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Part = Mapping[str, Any] | bytes
Sign = Callable[[bytes], bytes]


@dataclass
class Seen:
    """A request as a service received it."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        found = [value for key, value in self.headers if key == name]
        assert len(found) <= 1, found
        return found[0] if found else None


DELIVERED = ("POST", b"/internal/v1/events")


@dataclass
class Recorder:
    """A service that writes down what it is sent; `acts` overrides the answer by path. The events
    that the gateway itself delivers, whenever one is due, are no part of what a test sends."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    acts: dict[str, App] = field(default_factory=dict)
    is_ready: bool = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        act = self.acts.get(scope["path"])
        if act is not None:
            await act(scope, receive, send)
            return
        query = scope["query_string"]
        target = scope["raw_path"] + (b"?" + query if query else b"")
        body = await read_all(receive)
        if (scope["method"], target) != DELIVERED:
            self.seen.append(Seen(scope["method"], target, scope["headers"], body))
        status = 503 if scope["path"] == "/health/ready" and not self.is_ready else 200
        await answer(send, status, b'{"items": []}', [(b"content-type", b"application/json")])

    def last(self, path: str) -> Seen:
        """The last request whose address begins with `path`."""
        return [seen for seen in self.seen if seen.target.startswith(path.encode())][-1]

    def count(self, path: str) -> int:
        return sum(seen.target.startswith(path.encode()) for seen in self.seen)


async def read_all(receive: Receive) -> bytes:
    chunks, more = [], True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


async def answer(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    told = [(b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Gateway:
    """A running gateway, its signing key, and the demo accounts that it knows."""

    url: str
    app: FastAPI
    private: dict[str, Any]
    demo: dict[str, Any]
    tokens: dict[str, str] = field(default_factory=dict)
    asked_at: dict[str, float] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def entry(self, role: str) -> dict[str, Any]:
        found: dict[str, Any] = self.demo["clients"][role]
        return found

    def basic(self, role: str) -> tuple[str, str]:
        entry = self.entry(role)
        return entry["client_id"], entry["client_secret"]

    async def token(self, role: str) -> str:
        """An access token of a role, asked for again long before it ends."""
        if self.asked_at.get(role, float("-inf")) < time.monotonic() - 120:
            self.asked_at[role] = time.monotonic()
            async with httpx.AsyncClient(timeout=20) as client:
                asked = await client.post(
                    f"{self.url}/oauth2/token",
                    data={"grant_type": "client_credentials"},
                    auth=self.basic(role),
                )
            assert asked.status_code == 200, asked.text
            self.tokens[role] = asked.json()["access_token"]
        return self.tokens[role]

    def visitor(self, client: str = "frontend", **named: Any) -> Visitor:
        """A fresh browser that comes from an application."""
        return Visitor(self.url, self.entry(client), **named)

    async def person(self, role: str, **changes: str | None) -> dict[str, Any]:
        """The tokens of a person who signs in through the pages, for the frontend application.

        `changes` go into the authorization request, such as `scope="openid filings:review"`.
        """
        visitor = self.visitor()
        async with visitor.http:
            return await visitor.tokens(self.demo["users"][role], **changes)

    async def bearer(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.token(role)}"}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good access token says; a change to None leaves the claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": self.url,
            "sub": "user-1",
            "client_id": "client-1",
            "scope": "cooperatives:read",
            "org": "org-1",
            "roles": ["instructor"],
            "territory": ["SN"],
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + 300,
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def header(self, **changes: Any) -> dict[str, Any]:
        header = {"alg": "ES256", "typ": "at+jwt", "kid": self.private["kid"]} | changes
        return {name: value for name, value in header.items() if value is not None}

    def sign(self, content: bytes) -> bytes:
        return es256(self.private)(content)

    def made(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token signed by the gateway's own key."""
        return compact(self.header(**(header or {})), self.claims(**claims), self.sign)

    def assertion(self, role: str, **changes: Any) -> dict[str, Any]:
        """The claims of a good client assertion; a change to None leaves the claim out."""
        client_id = self.entry(role)["client_id"]
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": f"{self.url}/oauth2/token",
            "iat": now,
            "exp": now + 55,
            "jti": uuid4().hex,
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def asserted(self, role: str, **changes: Any) -> dict[str, str]:
        """A token request whose proof is an assertion signed by the role's own key."""
        key = self.entry(role)["private_key_jwk"]
        header = {"alg": "ES256", "typ": "JWT", "kid": key["kid"]}
        return asking(compact(header, self.assertion(role, **changes), es256(key)))


def asking(assertion: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def compact(
    header: Mapping[str, Any] | bytes, claims: Mapping[str, Any] | bytes, sign: Sign
) -> str:
    """A compact JWS made by hand, so that anything can be wrong with it."""
    parts = [p if isinstance(p, bytes) else json.dumps(p).encode() for p in (header, claims)]
    signed = ".".join(map(b64, parts))
    return f"{signed}.{b64(sign(signed.encode()))}"


def _private_key(jwk: Mapping[str, Any]) -> ec.EllipticCurvePrivateKey:
    found = ECKey.import_key({k: v for k, v in jwk.items() if k != "status"}).private_key
    assert isinstance(found, ec.EllipticCurvePrivateKey)
    return found


def der(jwk: Mapping[str, Any]) -> Sign:
    """Signs ES256 in the encoding that JOSE does not use."""
    return lambda content: _private_key(jwk).sign(content, ec.ECDSA(hashes.SHA256()))


def es256(jwk: Mapping[str, Any]) -> Sign:
    def sign(content: bytes) -> bytes:
        r, s = decode_dss_signature(der(jwk)(content))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def lines(method: bytes, target: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    """A request as it is written, on a connection of its own."""
    first = b"%s %s HTTP/1.1\r\n" % (method, target)
    told = [b"Host: somewhere.example", b"Connection: close", *headers]
    return first + b"".join(header + b"\r\n" for header in told) + b"\r\n" + body


async def raw(port: int, sent: bytes) -> bytes:
    """What comes back on a connection of its own for exactly these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    await writer.drain()
    found = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    await writer.wait_closed()
    return found


class Reader(HTMLParser):
    """What a reader of the page meets: its texts, its elements, what it loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts += [data.strip()] if data.strip() else []

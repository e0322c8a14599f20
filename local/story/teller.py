"""Tells a story to a running town: real tokens, real requests, and an end at the first surprise."""

import json
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from chassis.jose import Signer

PATIENCE_S = 60.0


class Surprise(Exception):
    """The town did something else than the story says."""


class Teller:
    """Speaks to the gateway as each of the demo accounts."""

    def __init__(self, accounts: Path, language: str = "en") -> None:
        told = json.loads(accounts.read_text(encoding="utf-8"))
        self.base: str = told["base_url"]
        self.clients: dict[str, dict[str, Any]] = told["clients"]
        self._http = httpx.Client(
            base_url=self.base, timeout=20.0, headers={"Accept-Language": language}
        )
        self._tokens: dict[str, tuple[float, str]] = {}

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        sys.stdout.write(f"\n{title}\n{'─' * len(title)}\n")

    def say(self, sentence: str) -> None:
        """One step, told."""
        sys.stdout.write(f"  · {sentence}\n")
        sys.stdout.flush()

    def of(self, role: str, name: str) -> Any:
        """Something that demo.json says of a role."""
        return self.clients[role][name]

    def token(self, role: str) -> str:
        """An access token of `role`, fetched again a minute before it ends."""
        ends, token = self._tokens.get(role, (0.0, ""))
        if ends > time.time():
            return token
        answer = self._http.post("/oauth2/token", **self._proof(role))
        self.expect(answer, 200)
        granted = answer.json()
        self._tokens[role] = (time.time() + granted["expires_in"] - 60, granted["access_token"])
        return str(granted["access_token"])

    def _proof(self, role: str) -> dict[str, Any]:
        account = self.clients[role]
        form = {"grant_type": "client_credentials"}
        if "client_secret" in account:
            return {"data": form, "auth": (account["client_id"], account["client_secret"])}
        now = int(time.time())
        claims = {
            "iss": account["client_id"],
            "sub": account["client_id"],
            "aud": f"{self.base}/oauth2/token",
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + 50,
        }
        form["client_assertion"] = self.signer(role).token(claims, "JWT")
        form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {"data": form}

    def signer(self, role: str) -> Signer:
        """The private key of a lender's account."""
        return Signer(self.clients[role]["private_key_jwk"])

    def ask(
        self,
        role: str | None,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """A request as `role` (or as anyone); waits for facts that are still on their way."""
        sent = {"Idempotency-Key": uuid4().hex} if method == "POST" and role else {}
        if role:
            sent["Authorization"] = f"Bearer {self.token(role)}"
        if content is not None or json_body is not None:
            sent["Content-Type"] = "application/json"
        body = content if content is not None else None
        if json_body is not None:
            body = json.dumps(json_body, ensure_ascii=False).encode()
        return self._patiently(method, path, body, sent | (headers or {}))

    def _patiently(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> httpx.Response:
        until = time.monotonic() + PATIENCE_S
        while True:
            answer = self._http.request(method, path, content=body, headers=headers)
            code = answer.json().get("code") if answer.status_code in (409, 503) else None
            if code not in ("NOT_YET_KNOWN", "ELIGIBILITY_STALE") or time.monotonic() > until:
                return answer
            time.sleep(float(answer.headers.get("retry-after", 1)))

    def expect(self, answer: httpx.Response, status: int) -> Any:
        """The JSON of an answer that has `status`; anything else ends the story."""
        if answer.status_code != status:
            request = f"{answer.request.method} {answer.request.url.path}"
            raise Surprise(f"{request}: {answer.status_code} instead of {status}\n{answer.text}")
        return answer.json()

    def get(self, role: str | None, path: str) -> Any:
        """What `role` reads at `path`."""
        return self.expect(self.ask(role, "GET", path), 200)

    def post(
        self, role: str, path: str, body: Any, *, headers: dict[str, str] | None = None
    ) -> Any:
        """What becomes of an act of `role`."""
        return self.expect(self.ask(role, "POST", path, json_body=body, headers=headers), 201)

    def refused(self, answer: httpx.Response, status: int, code: str) -> Any:
        """A refusal that the story expects."""
        body = self.expect(answer, status)
        if body.get("code") != code:
            raise Surprise(f"{code} was expected, not {body.get('code')}: {answer.text}")
        return body

    def sure(self, holds: bool, sentence: str) -> None:
        """Something that must be true at this point of the story."""
        if not holds:
            raise Surprise(f"it does not hold that {sentence}")

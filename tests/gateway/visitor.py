"""A person with a browser: follows redirects by hand, fills in the forms that it is shown."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx


class Forms(HTMLParser):
    """The forms of a page: where each is sent, with which fields and buttons; and its links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.actions: list[str] = []
        self.fields: list[dict[str, str]] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.actions.append(found.get("action", ""))
            self.fields.append({})
        elif tag == "input" and "name" in found:
            self.fields[-1][found["name"]] = found.get("value", "")
        elif tag == "a":
            self.links.append(found.get("href", ""))


def s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def told(answer: httpx.Response) -> dict[str, str]:
    """What a redirect tells the application."""
    assert answer.status_code in (302, 303), answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query, strict_parsing=True)
    return {name: value for name, (value,) in query.items()}


@dataclass
class Visitor:
    """One browser, and the application (`client`: an entry of the demo file) that it comes from."""

    url: str
    client: dict[str, Any]
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    headers: dict[str, str] = field(default_factory=lambda: {"Accept-Language": "en"})
    http: httpx.AsyncClient = field(default_factory=httpx.AsyncClient)  # to be closed by the test

    def __post_init__(self) -> None:
        self.http.base_url, self.http.timeout = httpx.URL(self.url), httpx.Timeout(20)
        self.http.headers.update(self.headers)

    def request(self, **changes: str | None) -> dict[str, str]:
        """A good authorization request; a change to None leaves the parameter out."""
        fields: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client["client_id"],
            "redirect_uri": self.client["redirect_uri"],
            "state": "state-1",
            "code_challenge": s256(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (fields | changes).items() if value is not None}

    async def ask(self, **changes: str | None) -> httpx.Response:
        """Come from the application; whatever is shown or told first."""
        return await self.http.get(f"/oauth2/authorize?{urlencode(self.request(**changes))}")

    async def send(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Fill in the first form of a page and send it, as a browser does."""
        forms = Forms(page.text)
        assert forms.actions, page.text
        origin = {"Origin": self.url}
        return await self.http.post(forms.actions[0], data=forms.fields[0] | fields, headers=origin)

    async def sign_in(self, page: httpx.Response, user: dict[str, str]) -> httpx.Response:
        """Say who you are on the sign-in page."""
        return await self.send(page, username=user["username"], password=user["password"])

    async def come_in(self, user: dict[str, str], **changes: str | None) -> str:
        """Sign in, agree, and bring the code back to the application."""
        answer = await self.ask(**changes)
        if answer.status_code == 200 and 'action="/oauth2/sign-in"' in answer.text:
            answer = await self.sign_in(answer, user)
        if answer.status_code == 200 and 'action="/oauth2/consent"' in answer.text:
            answer = await self.send(answer, decision="allow")
        found = told(answer)
        assert "code" in found, found
        return found["code"]

    async def exchange(self, code: str, **changes: str | None) -> httpx.Response:
        """What the application does with a code; a change to None leaves the field out."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client["redirect_uri"],
            "client_id": self.client["client_id"],
            "code_verifier": self.verifier,
        }
        sent = {name: value for name, value in (form | changes).items() if value is not None}
        return await self.http.post("/oauth2/token", data=sent)

    async def refresh(self, token: str, **changes: str) -> httpx.Response:
        """What the application does when its access token ends."""
        form = {"grant_type": "refresh_token", "refresh_token": token}
        form |= {"client_id": self.client["client_id"]}
        return await self.http.post("/oauth2/token", data=form | changes)

    async def tokens(self, user: dict[str, str], **changes: str | None) -> dict[str, Any]:
        """Everything that the application is given for a person."""
        answer = await self.exchange(await self.come_in(user, **changes))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

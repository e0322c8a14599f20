"""From an administrator's act to the person's first token: a real gateway, a real mail server."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.post.servers import mail_server
from gateway.post.smtp import SmtpPost
from tests.gateway.bureau import an_invitation
from tests.gateway.mail import MailRoom, mail_room
from tests.gateway.visitor import Visitor
from tests.gateway.world import Gateway

LINK = re.compile(r"https?://\S+/oauth2/password/new/\S+")
PASSWORD = "la pirogue rentre avant la nuit"


@pytest.fixture
async def room(gateway: Gateway) -> AsyncIterator[MailRoom]:
    """The mail server of the running gateway, which sends by itself."""
    async with mail_room(MailRoom()) as found:
        server = mail_server(f"smtp://127.0.0.1:{found.port}?starttls=off")
        gateway.app.state.post = SmtpPost(server, None)  # type: ignore[arg-type]  # no TLS here
        yield found
        gateway.app.state.post = None


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[Visitor]:
    found = gateway.visitor()
    async with found.http:
        yield found


async def post(gateway: Gateway, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = await gateway.bearer("admin") | {"Idempotency-Key": uuid4().hex}
    async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as client:
        answer = await client.post(f"/v1{path}", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def letter_to(room: MailRoom, address: str, count: int = 1) -> str:
    async with asyncio.timeout(90):
        while True:
            found = [one for one in room.letters if one.recipients == [address]]
            if len(found) >= count:
                text: str = found[-1].message.get_content()
                return text
            await asyncio.sleep(0.1)


async def test_an_invited_person_comes_in_and_is_out_at_once_when_suspended(
    gateway: Gateway, room: MailRoom, visitor: Visitor
) -> None:
    own = await post(gateway, "/organisations", {"kind": "COOPERATIVE", "name": "Jappoo"})
    wish = an_invitation(organisation_id=own["id"], roles=["cooperative"])
    invited = await post(gateway, "/users", wish)
    [link] = LINK.findall(await letter_to(room, wish["email"]))
    page = await visitor.http.get(link.removeprefix(gateway.url))
    done = await visitor.send(page, password=PASSWORD, again=PASSWORD)
    assert done.status_code == 200, done.text
    person = {"username": wish["username"], "password": PASSWORD}
    tokens = await visitor.tokens(person, scope="filings:write")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    me = (await visitor.http.get("/v1/me", headers=bearer)).json()
    assert (me["sub"], me["organisation_id"]) == (invited["id"], own["id"])
    assert me["roles"] == ["cooperative"]
    await post(gateway, f"/users/{invited['id']}/suspensions", {"reason": "COMPROMISED"})
    assert (await visitor.http.get("/v1/me", headers=bearer)).status_code == 401
    assert (await visitor.refresh(tokens["refresh_token"])).status_code == 400
    assert 'action="/oauth2/sign-in"' in (await visitor.ask()).text
    await post(gateway, f"/users/{invited['id']}/reactivations", {})
    assert (await visitor.refresh(tokens["refresh_token"])).status_code == 400
    assert await visitor.tokens(person, scope="filings:write")


async def test_a_password_is_set_anew_by_a_code_that_an_administrator_never_sees(
    gateway: Gateway, room: MailRoom, visitor: Visitor
) -> None:
    own = await post(gateway, "/organisations", {"kind": "COOPERATIVE", "name": "Jappoo"})
    wish = an_invitation(organisation_id=own["id"], roles=["cooperative"])
    invited = await post(gateway, "/users", wish)
    [link] = LINK.findall(await letter_to(room, wish["email"]))
    page = await visitor.http.get(link.removeprefix(gateway.url))
    await visitor.send(page, password=PASSWORD, again=PASSWORD)
    told = await post(gateway, f"/users/{invited['id']}/password-resets", {})
    [second] = LINK.findall(await letter_to(room, wish["email"], count=2))
    assert second.rpartition("/")[2] not in str(told)
    page = await visitor.http.get(second.removeprefix(gateway.url))
    new = "deux baobabs et une source"
    await visitor.send(page, password=new, again=new)
    assert await visitor.tokens({"username": wish["username"], "password": new})


async def test_persons_of_the_demonstration_can_be_administered_too(gateway: Gateway) -> None:
    id = gateway.entry("statistician")["sub"]
    headers = await gateway.bearer("admin")
    async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as client:
        read = await client.get(f"/v1/users/{id}", headers=headers)
        assert read.json()["email"] == "statistician@demo.example"
        headers |= {"If-Match": read.headers["etag"]}
        patch = {"full_name": "Fatou Sané"}
        changed = await client.patch(f"/v1/users/{id}", json=patch, headers=headers)
        assert changed.status_code == 200, changed.text
        headers["If-Match"] = changed.headers["etag"]
        for gone in ({"full_name": None}, {"email": None}):
            answer = await client.patch(f"/v1/users/{id}", json=gone, headers=headers)
            assert answer.status_code == 422, answer.text

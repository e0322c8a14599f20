"""Attacks on the protocol. Each one comes as close as it can; none is given anything.

An attack returns the answers it got. That it was close is shown by the honest run beside it: the
same steps without the twist bring tokens.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from chassis import clock
from tests.gateway.people import new_client, new_person
from tests.gateway.visitor import Forms, Visitor, told
from tests.gateway.world import Gateway

CALLBACK = "http://127.0.0.1:5173/callback"
Answers = list[httpx.Response]


@dataclass
class Scene:
    """An honest browser and its person, an application that is honest, one that is not."""

    gateway: Gateway
    visitor: Visitor
    user: dict[str, str]
    portal: dict[str, str]
    thief: dict[str, str]

    async def code(self, **changes: str | None) -> str:
        return await self.visitor.come_in(self.user, **changes)

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        return await self.visitor.tokens(self.user, **changes)

    async def asked(self, **changes: str | None) -> Answers:
        """Come with a twisted request, then do all that an unsuspecting person would do."""
        answer = await self.visitor.ask(**changes)
        answers = [answer]
        if 'action="/oauth2/sign-in"' in answer.text:
            answers.append(await self.visitor.sign_in(answer, self.user))
        if 'action="/oauth2/consent"' in answers[-1].text:
            answers.append(await self.visitor.send(answers[-1], decision="allow"))
        return answers

    def as_(self, client: dict[str, str]) -> Visitor:
        """The same browser, coming from another application."""
        return Visitor(self.gateway.url, client, http=self.visitor.http)

    async def post(self, path: str, **named: Any) -> httpx.Response:
        return await self.visitor.http.post(path, **named)


@pytest.fixture
async def scene(gateway: Gateway) -> AsyncIterator[Scene]:
    made = Scene(
        gateway,
        gateway.visitor(),
        await new_person(gateway, "trainer"),
        await new_client(gateway),
        await new_client(gateway),
    )
    async with made.visitor.http:
        yield made


def is_refused(answer: httpx.Response) -> bool:
    """Nothing of use in it: no token, no code, no sign-in."""
    location = answer.headers.get("location", "")
    body = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    gives = {"access_token", "refresh_token", "id_token", "sub"} & body.keys()
    return not (gives or "code=" in location or body.get("active"))


# --- at the authorization endpoint ---------------------------------------------------------------


def twisted(**changes: str | None) -> Callable[[Scene], Awaitable[Answers]]:
    async def attack(scene: Scene) -> Answers:
        return await scene.asked(**changes)

    return attack


async def no_challenge_as_a_confidential_client(scene: Scene) -> Answers:
    scene.visitor.client = scene.portal
    return await scene.asked(code_challenge=None, code_challenge_method=None)


async def repeated_redirect(scene: Scene) -> Answers:
    query = urlencode(scene.visitor.request()) + "&redirect_uri=https%3A%2F%2Fevil.example"
    return [await scene.visitor.http.get(f"/oauth2/authorize?{query}")]


async def redirect_of_another_client(scene: Scene) -> Answers:
    return await scene.asked(redirect_uri=scene.thief["redirect_uri"])


async def client_that_sends_no_persons(scene: Scene) -> Answers:
    machine = await new_client(scene.gateway, grant_types=["client_credentials"])
    return await scene.asked(**{name: machine[name] for name in ("client_id", "redirect_uri")})


async def suspended_client(scene: Scene) -> Answers:
    closed = await new_client(scene.gateway, status="SUSPENDED")
    return await scene.asked(**{name: closed[name] for name in ("client_id", "redirect_uri")})


async def silent_without_a_sign_in(scene: Scene) -> Answers:
    return [await scene.visitor.ask(prompt="none")]


async def silent_without_consent(scene: Scene) -> Answers:
    await scene.code(scope="training:read")
    return [await scene.visitor.ask(prompt="none", scope="training:read training:deliver")]


async def silent_with_an_old_sign_in(scene: Scene) -> Answers:
    await scene.code()
    return [await scene.visitor.ask(prompt="none", max_age="0")]


async def login_asked_for_but_already_signed_in(scene: Scene) -> Answers:
    await scene.code()
    return [await scene.visitor.ask(prompt="login")]


# --- forms ---------------------------------------------------------------------------------------


async def sign_in_without_a_ticket(scene: Scene) -> Answers:
    await scene.visitor.ask()
    form = {"username": scene.user["username"], "password": scene.user["password"]}
    return [await scene.post("/oauth2/sign-in", data=form)]


async def sign_in_with_the_ticket_of_another_browser(scene: Scene) -> Answers:
    async with scene.gateway.visitor().http as other:
        page = await other.get("/oauth2/authorize", params=scene.visitor.request())
    await scene.visitor.ask()
    return [await scene.visitor.sign_in(page, scene.user)]


async def sign_in_from_another_site(scene: Scene) -> Answers:
    page = await scene.visitor.ask()
    form = Forms(page.text).fields[0] | {
        "username": scene.user["username"],
        "password": scene.user["password"],
    }
    origins = ("https://evil.example", "null", f"{scene.gateway.url}.evil.example")
    return [
        await scene.post("/oauth2/sign-in", data=form, headers={"Origin": origin})
        for origin in origins
    ]


async def consent_page(scene: Scene) -> httpx.Response:
    page = await scene.visitor.sign_in(await scene.visitor.ask(), scene.user)
    assert 'action="/oauth2/consent"' in page.text
    return page


async def consent_without_a_ticket(scene: Scene) -> Answers:
    await consent_page(scene)
    return [await scene.post("/oauth2/consent", data={"decision": "allow"})]


async def consent_from_another_site(scene: Scene) -> Answers:
    form = Forms((await consent_page(scene)).text).fields[0] | {"decision": "allow"}
    elsewhere = {"Origin": "https://evil.example"}
    return [await scene.post("/oauth2/consent", data=form, headers=elsewhere)]


async def consent_with_the_ticket_of_the_sign_in(scene: Scene) -> Answers:
    ticket = Forms((await scene.visitor.ask()).text).fields[0]["ticket"]
    await consent_page(scene)
    return [await scene.post("/oauth2/consent", data={"ticket": ticket, "decision": "allow"})]


async def consent_of_somebody_else_in_the_same_browser(scene: Scene) -> Answers:
    page = await consent_page(scene)
    other = await new_person(scene.gateway, "trainer")
    again = await scene.visitor.ask(prompt="login")
    await scene.visitor.sign_in(again, other)
    return [await scene.visitor.send(page, decision="allow")]


async def consent_with_a_bent_ticket(scene: Scene) -> Answers:
    page = await consent_page(scene)
    ticket = Forms(page.text).fields[0]["ticket"]
    bent = ticket[:60] + ("A" if ticket[60] != "A" else "B") + ticket[61:]
    return [await scene.visitor.send(page, ticket=bent, decision="allow")]


async def consent_after_half_an_hour(scene: Scene) -> Answers:
    page = await consent_page(scene)
    tickets = scene.gateway.app.state.tickets
    sealed = tickets.read(
        scene.visitor.http.cookies["mboolo-form"], "consent", Forms(page.text).fields[0]["ticket"]
    )
    import json
    import time

    body = json.dumps({**sealed, "until": int(time.time()) - 1}).encode()
    mac = tickets._mac(scene.visitor.http.cookies["mboolo-form"], "consent", body)
    import base64

    old = base64.urlsafe_b64encode(mac + body).decode()
    return [await scene.visitor.send(page, ticket=old, decision="allow")]


async def fixed_session(scene: Scene) -> Answers:
    # the thief's cookie, planted before the person signs in, must not become their sign-in
    planted = "A" * 43
    scene.visitor.http.cookies.set("mboolo-sign-in", planted, domain="127.0.0.1")
    await consent_page(scene)
    assert scene.visitor.http.cookies.get("mboolo-sign-in") != planted
    async with scene.gateway.visitor().http as thief:
        thief.cookies.set("mboolo-sign-in", planted, domain="127.0.0.1")
        answer = await thief.get("/oauth2/authorize", params=scene.visitor.request())
    assert 'action="/oauth2/sign-in"' in answer.text
    return [answer]


# --- at the token endpoint -----------------------------------------------------------------------


def exchanged(**changes: str | None) -> Callable[[Scene], Awaitable[Answers]]:
    async def attack(scene: Scene) -> Answers:
        return [await scene.visitor.exchange(await scene.code(), **changes)]

    return attack


async def no_code(scene: Scene) -> Answers:
    return [await scene.visitor.exchange(""), await scene.visitor.exchange("A" * 43)]


async def challenge_in_place_of_the_verifier(scene: Scene) -> Answers:
    challenge = scene.visitor.request()["code_challenge"]
    return [await scene.visitor.exchange(await scene.code(), code_verifier=challenge)]


async def code_of_another_client(scene: Scene) -> Answers:
    code = await scene.code()
    auth = (scene.thief["client_id"], scene.thief["client_secret"])
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": scene.visitor.verifier,
    }
    return [
        await scene.post("/oauth2/token", data=form, auth=auth),
        await scene.post("/oauth2/token", data={**form, "client_id": scene.portal["client_id"]}),
    ]


async def code_of_another_authorization(scene: Scene) -> Answers:
    # injection: a stolen code, brought by a session whose verifier is another one
    code = await scene.code()
    other = scene.gateway.visitor()
    async with other.http:
        return [await other.exchange(code)]


async def expired_code(scene: Scene) -> Answers:
    code = await scene.code()
    with clock.shifted(timedelta(seconds=61)):
        return [await scene.visitor.exchange(code)]


async def suspend(scene: Scene) -> None:
    await scene.gateway.app.state.reads.fetch(
        "update account set status = 'SUSPENDED' where id = $1", scene.user["sub"]
    )


async def code_after_suspension(scene: Scene) -> Answers:
    code = await scene.code()
    await suspend(scene)
    return [await scene.visitor.exchange(code)]


async def refresh_after_suspension(scene: Scene) -> Answers:
    tokens = await scene.tokens()
    await suspend(scene)
    return [await scene.visitor.refresh(tokens["refresh_token"]), await scene.visitor.ask()]


async def refresh_after_thirty_days(scene: Scene) -> Answers:
    tokens = await scene.tokens()
    with clock.shifted(timedelta(days=30, seconds=1)):
        return [await scene.visitor.refresh(tokens["refresh_token"])]


async def more_scopes_at_refresh(scene: Scene) -> Answers:
    tokens = await scene.tokens(scope="training:read")
    wider = ("training:read training:deliver", "platform:admin", "openid training:read")
    token = tokens["refresh_token"]
    return [await scene.visitor.refresh(token, scope=scope) for scope in wider]


async def refresh_by_another_client(scene: Scene) -> Answers:
    token = (await scene.tokens())["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    auth = (scene.thief["client_id"], scene.thief["client_secret"])
    return [
        await scene.post("/oauth2/token", data=form, auth=auth),
        await scene.visitor.refresh(token, client_id=scene.thief["client_id"]),
    ]


async def one_kind_of_token_for_another(scene: Scene) -> Answers:
    tokens = await scene.tokens(scope="openid training:read")
    refresh = [tokens["access_token"], tokens["id_token"], await scene.code(scope="openid")]
    return [
        *[await scene.visitor.refresh(token) for token in refresh],
        await scene.visitor.exchange(tokens["refresh_token"]),
    ]


async def machine_grant_of_a_public_client(scene: Scene) -> Answers:
    form = {"grant_type": "client_credentials", "client_id": scene.visitor.client["client_id"]}
    return [
        await scene.post("/oauth2/token", data=form),
        await scene.post("/oauth2/token", data=form, auth=(form["client_id"], "")),
    ]


async def grant_that_was_not_registered(scene: Scene) -> Answers:
    auth = (scene.portal["client_id"], scene.portal["client_secret"])
    password = {"username": scene.user["username"], "password": scene.user["password"]}
    return [
        await scene.post("/oauth2/token", data={"grant_type": grant, **password}, auth=auth)
        for grant in ("client_credentials", "password", "implicit", "urn:x", "")
    ]


async def secret_in_the_body(scene: Scene) -> Answers:
    machine = await new_client(scene.gateway, grant_types=["client_credentials"])
    form = {"grant_type": "client_credentials"} | {
        name: machine[name] for name in ("client_id", "client_secret")
    }
    return [await scene.post("/oauth2/token", data=form)]


async def two_proofs_at_once(scene: Scene) -> Answers:
    assertion = scene.gateway.asserted("bank_a")
    auth = scene.gateway.basic("instructor")
    return [await scene.post("/oauth2/token", data=assertion, auth=auth)]


async def another_name_beside_the_proof(scene: Scene) -> Answers:
    form = {"grant_type": "client_credentials"}
    form["client_id"] = scene.gateway.entry("admin")["client_id"]
    auth = scene.gateway.basic("instructor")
    return [await scene.post("/oauth2/token", data=form, auth=auth)]


async def confidential_client_by_its_name_alone(scene: Scene) -> Answers:
    other = scene.as_(scene.portal)
    code = await other.come_in(scene.user)
    return [await other.exchange(code)]


async def confidential_client_without_a_verifier(scene: Scene) -> Answers:
    other = scene.as_(scene.portal)
    form = {
        "grant_type": "authorization_code",
        "code": await other.come_in(scene.user),
        "redirect_uri": scene.portal["redirect_uri"],
    }
    auth = (scene.portal["client_id"], scene.portal["client_secret"])
    return [await scene.post("/oauth2/token", data=form, auth=auth)]


# --- elsewhere -----------------------------------------------------------------------------------


async def token_in_the_query(scene: Scene) -> Answers:
    token = (await scene.tokens(scope="openid"))["access_token"]
    paths = ("/v1/me", "/oauth2/userinfo")
    return [await scene.visitor.http.get(f"{path}?access_token={token}") for path in paths]


async def token_in_the_body(scene: Scene) -> Answers:
    token = (await scene.tokens(scope="openid"))["access_token"]
    return [await scene.post("/oauth2/userinfo", data={"access_token": token})]


async def id_token_as_access_token(scene: Scene) -> Answers:
    token = (await scene.tokens(scope="openid profile"))["id_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    paths = ("/v1/me", "/oauth2/userinfo")
    return [await scene.visitor.http.get(path, headers=bearer) for path in paths]


async def introspection_by_a_stranger(scene: Scene) -> Answers:
    tokens = await scene.tokens()
    thief = (scene.thief["client_id"], scene.thief["client_secret"])
    kinds = [tokens["access_token"], tokens["refresh_token"]]
    public = {"client_id": scene.visitor.client["client_id"]}
    return [
        *[await scene.post("/oauth2/introspect", data={"token": t}, auth=thief) for t in kinds],
        await scene.post("/oauth2/introspect", data={"token": kinds[0], **public}),
        await scene.post("/oauth2/introspect", data={"token": kinds[0]}),
    ]


async def userinfo_without_openid(scene: Scene) -> Answers:
    token = (await scene.tokens(scope="training:read"))["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    return [await scene.visitor.http.get("/oauth2/userinfo", headers=bearer)]


async def logout_to_anywhere(scene: Scene) -> Answers:
    hint = (await scene.tokens(scope="openid"))["id_token"]
    places = ("https://evil.example/", "http://127.0.0.1:5173/x", "//evil.example", CALLBACK)
    answers = [
        await scene.visitor.http.get(
            "/oauth2/logout", params={"id_token_hint": hint, "post_logout_redirect_uri": place}
        )
        for place in places
    ]
    assert all("location" not in answer.headers for answer in answers)
    assert all(answer.status_code == 400 for answer in answers)
    return answers


S = dict[str, Callable[[Scene], Awaitable[Answers]]]
ATTACKS: S = {
    "no challenge": twisted(code_challenge=None, code_challenge_method=None),
    "a challenge without its method": twisted(code_challenge_method=None),
    "a method without its challenge": twisted(code_challenge=None),
    "the method plain": twisted(code_challenge_method="plain"),
    "the method s256": twisted(code_challenge_method="s256"),
    "a short challenge": twisted(code_challenge="A" * 42),
    "a long challenge": twisted(code_challenge="A" * 44),
    "no challenge, confidential": no_challenge_as_a_confidential_client,
    "no redirect": twisted(redirect_uri=None),
    "redirect elsewhere": twisted(redirect_uri="https://evil.example/callback"),
    "redirect with a suffix": twisted(redirect_uri=f"{CALLBACK}/more"),
    "redirect cut": twisted(redirect_uri=CALLBACK[:-1]),
    "redirect in capitals": twisted(redirect_uri=CALLBACK.replace("callback", "Callback")),
    "redirect escaped": twisted(redirect_uri=CALLBACK.replace("callback", "%63allback")),
    "redirect with dots": twisted(redirect_uri=f"{CALLBACK}/../callback"),
    "redirect with a query": twisted(redirect_uri=f"{CALLBACK}?next=https://evil.example"),
    "redirect with a fragment": twisted(redirect_uri=f"{CALLBACK}#here"),
    "redirect with a name before": twisted(redirect_uri="http://127.0.0.1:5173@evil.example/"),
    "redirect to another port": twisted(redirect_uri=CALLBACK.replace("5173", "5174")),
    "redirect to the same by name": twisted(
        redirect_uri=CALLBACK.replace("127.0.0.1", "localhost")
    ),
    "redirect by script": twisted(redirect_uri="javascript:alert(1)"),
    "redirect to no address": twisted(redirect_uri="\\\\evil.example"),
    "redirect twice": repeated_redirect,
    "redirect of another client": redirect_of_another_client,
    "an unknown client": twisted(client_id="client-nobody"),
    "no client": twisted(client_id=None),
    "a client of machines": client_that_sends_no_persons,
    "a suspended client": suspended_client,
    "implicit": twisted(response_type="token"),
    "hybrid": twisted(response_type="code id_token"),
    "no response type": twisted(response_type=None),
    "in the fragment": twisted(response_mode="fragment"),
    "by form": twisted(response_mode="form_post"),
    "a request object": twisted(request="eyJhbGciOiJub25lIn0.e30."),
    "a request by address": twisted(request_uri="http://127.0.0.1:9/request"),
    "an unknown scope": twisted(scope="training:read everything"),
    "a scope of others": twisted(scope="filings:decide"),
    "none beside login": twisted(prompt="none login"),
    "an unknown prompt": twisted(prompt="whatever"),
    "a negative age": twisted(max_age="-1"),
    "silent without a sign-in": silent_without_a_sign_in,
    "silent without consent": silent_without_consent,
    "silent with an old sign-in": silent_with_an_old_sign_in,
    "login asked for again": login_asked_for_but_already_signed_in,
    "sign-in without a ticket": sign_in_without_a_ticket,
    "sign-in, another browser's ticket": sign_in_with_the_ticket_of_another_browser,
    "sign-in from another site": sign_in_from_another_site,
    "consent without a ticket": consent_without_a_ticket,
    "consent from another site": consent_from_another_site,
    "consent, the sign-in's ticket": consent_with_the_ticket_of_the_sign_in,
    "consent of somebody else": consent_of_somebody_else_in_the_same_browser,
    "consent, a bent ticket": consent_with_a_bent_ticket,
    "consent after half an hour": consent_after_half_an_hour,
    "a fixed session": fixed_session,
    "a wrong verifier": exchanged(code_verifier="B" * 43),
    "no verifier": exchanged(code_verifier=None),
    "an empty verifier": exchanged(code_verifier=""),
    "a short verifier": exchanged(code_verifier="B" * 42),
    "the challenge as verifier": challenge_in_place_of_the_verifier,
    "another redirect at the end": exchanged(redirect_uri="http://127.0.0.1:5173/"),
    "no redirect at the end": exchanged(redirect_uri=None),
    "no client at the end": exchanged(client_id=None),
    "no code": no_code,
    "another client's code": code_of_another_client,
    "an injected code": code_of_another_authorization,
    "an expired code": expired_code,
    "a code after suspension": code_after_suspension,
    "a refresh after suspension": refresh_after_suspension,
    "a refresh after 30 days": refresh_after_thirty_days,
    "more scopes at refresh": more_scopes_at_refresh,
    "another client's refresh": refresh_by_another_client,
    "one kind for another": one_kind_of_token_for_another,
    "machine grant, public client": machine_grant_of_a_public_client,
    "a grant not registered": grant_that_was_not_registered,
    "the secret in the body": secret_in_the_body,
    "two proofs at once": two_proofs_at_once,
    "another name beside the proof": another_name_beside_the_proof,
    "confidential, by name alone": confidential_client_by_its_name_alone,
    "confidential, no verifier": confidential_client_without_a_verifier,
    "a token in the query": token_in_the_query,
    "a token in the body": token_in_the_body,
    "an ID token as access token": id_token_as_access_token,
    "introspection by a stranger": introspection_by_a_stranger,
    "userinfo without openid": userinfo_without_openid,
    "logout to anywhere": logout_to_anywhere,
}


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 25


async def test_the_honest_run_beside_them_brings_tokens(scene: Scene) -> None:
    tokens = await scene.tokens(scope="openid training:read")
    assert {"access_token", "refresh_token", "id_token"} <= tokens.keys()
    other = scene.as_(scene.portal)
    code = await other.come_in(scene.user, scope="training:read")
    auth = (scene.portal["client_id"], scene.portal["client_secret"])
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": scene.portal["redirect_uri"],
        "code_verifier": other.verifier,
    }
    assert (await scene.post("/oauth2/token", data=form, auth=auth)).status_code == 200


@pytest.mark.parametrize("name", ATTACKS)
async def test_nothing_is_given_to(scene: Scene, name: str) -> None:
    answers = await ATTACKS[name](scene)
    assert answers
    for answer in answers:
        assert is_refused(answer), (answer.status_code, answer.headers, answer.text[:400])
        assert answer.status_code < 500, answer.text
        if "location" in answer.headers:  # only ever to the client that asked
            assert told(answer)["iss"] == scene.gateway.url
            assert told(answer)["error"]
            address = answer.headers["location"].partition("?")[0]
            assert address in (CALLBACK, scene.portal["redirect_uri"])

"""Whoever reviews or decides shows a telephone too; a code counts once."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis import clock
from gateway.accounts import totp
from gateway.roles import AGENTS, ROLES
from tests.gateway.people import new_person
from tests.gateway.visitor import Visitor, told
from tests.gateway.world import Gateway

SCOPE = "filings:review"
# RFC 6238 appendix B, SHA-1, the last six of the eight digits
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[Visitor]:
    found = gateway.visitor()
    async with found.http:
        yield found


@pytest.fixture
async def agent(gateway: Gateway) -> dict[str, str]:
    return await new_person(gateway, "instructor", is_demo=False)


def code(secret: str, away: int = 0) -> str:
    left_s = 30 - clock.now().timestamp() % 30
    if left_s < 3:  # or the step before this one would be too old when it arrives
        time.sleep(left_s)
    return totp.code_at(secret, int(clock.now().timestamp() // 30) + away)


def secret_on(page: httpx.Response) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert found, page.text
    return found.group(1).replace(" ", "")


async def enrolled(visitor: Visitor, user: dict[str, str]) -> tuple[str, list[str]]:
    """Enrol a telephone on the way in; the secret, the codes for paper."""
    page = await visitor.sign_in(await visitor.ask(scope=SCOPE), user)
    secret = secret_on(page)
    # the step before this one, so that the present code is still unused
    shown = await visitor.send(page, code=code(secret, -1))
    assert "Your recovery codes" in shown.text
    paper = re.findall(r"<li>([0-9A-Z-]{19})</li>", shown.text)
    assert len(set(paper)) == 8
    page = await visitor.send(shown)
    assert told(await visitor.send(page, decision="allow"))["code"]
    return secret, paper


async def asked_for_code(visitor: Visitor, user: dict[str, str]) -> httpx.Response:
    page = await visitor.sign_in(await visitor.ask(scope=SCOPE, prompt="login"), user)
    assert "Second check" in page.text
    assert "code=" not in str(page.headers)
    return page


@pytest.mark.parametrize(("at", "expected"), VECTORS.items())
def test_codes_are_those_of_the_standard(at: int, expected: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"
    assert totp.code_at(secret, at // 30) == expected
    for later in (-30, 0, 30):
        assert totp.step_of(secret, expected, at + later) == at // 30
    for later in (-60 if at > 90 else 90, 60):
        assert totp.step_of(secret, expected, at + later) is None


def test_every_role_that_decides_needs_one() -> None:
    decides = ("review", "decide", "correct", "manage", "validate", "lender", "admin")
    for role, held in ROLES.items():
        scopes = set(held) - {"grants:manage"}  # over their own record alone
        if any(word in scope for scope in scopes for word in decides):
            assert role in AGENTS, role
    assert not {"cooperative", "volunteer"} & set(AGENTS)


async def test_an_agent_enrols_before_anything_else(
    visitor: Visitor, agent: dict[str, str]
) -> None:
    page = await visitor.sign_in(await visitor.ask(scope=SCOPE), agent)
    assert "Your role asks for a second check" in page.text
    assert "<svg" in page.text
    assert "mboolo-sign-in" not in visitor.http.cookies
    wrong = await visitor.send(page, code="000000")
    assert "does not come from this key" in wrong.text
    assert secret_on(wrong) == secret_on(page)


async def test_a_secret_is_shown_only_in_the_browser_that_asked_for_it(
    gateway: Gateway, visitor: Visitor, agent: dict[str, str]
) -> None:
    # a thief who knows the password begins first, and sees the owner begin after
    async with gateway.visitor().http as http:
        thief = Visitor(gateway.url, visitor.client, http=http)
        theirs = await thief.sign_in(await thief.ask(scope=SCOPE), agent)
        ours = await visitor.sign_in(await visitor.ask(scope=SCOPE), agent)
        again = await thief.send(theirs, code="000000")
        assert secret_on(again) not in (secret_on(theirs), secret_on(ours))
        late = await visitor.send(ours, code=code(secret_on(ours)))
        assert late.status_code == 400
        shown = await visitor.send(late, code=code(secret_on(late)))
        assert "Your recovery codes" in shown.text
        refused = await thief.send(again, code=code(secret_on(again)))
        assert "recovery codes" not in refused.text


async def test_a_token_says_that_two_factors_were_shown(
    gateway: Gateway, visitor: Visitor, agent: dict[str, str]
) -> None:
    secret, _ = await enrolled(visitor, agent)
    page = await asked_for_code(visitor, agent)
    answer = await visitor.send(page, code=code(secret))
    tokens = (await visitor.exchange(told(answer)["code"])).json()
    said = await visitor.http.post(
        "/oauth2/introspect", data={"token": tokens["access_token"]}, auth=gateway.basic("admin")
    )
    assert said.json()["amr"] == ["pwd", "otp"]
    assert (await visitor.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_code_counts_once(visitor: Visitor, agent: dict[str, str]) -> None:
    secret, _ = await enrolled(visitor, agent)
    now = code(secret)
    first = await visitor.send(await asked_for_code(visitor, agent), code=now)
    assert told(first)["code"]
    for used in (now, code(secret, -1)):
        again = await visitor.send(await asked_for_code(visitor, agent), code=used)
        assert (again.status_code, "used already" in again.text) == (400, True)
    with clock.shifted(timedelta(seconds=30)):
        later = await visitor.send(await asked_for_code(visitor, agent), code=code(secret))
    assert told(later)["code"]


async def test_of_many_with_the_same_code_one_comes_in(
    gateway: Gateway, visitor: Visitor, agent: dict[str, str]
) -> None:
    secret, _ = await enrolled(visitor, agent)
    pages = [await asked_for_code(visitor, agent) for _ in range(4)]
    now = code(secret)
    answers = await asyncio.gather(*(visitor.send(page, code=now) for page in pages))
    assert sorted(answer.status_code for answer in answers) == [303, 400, 400, 400]


async def test_a_code_on_paper_opens_once(visitor: Visitor, agent: dict[str, str]) -> None:
    _, paper = await enrolled(visitor, agent)
    typed = paper[3].lower().replace("-", " ")
    first = await visitor.send(await asked_for_code(visitor, agent), code=typed)
    assert told(first)["code"]
    again = await visitor.send(await asked_for_code(visitor, agent), code=paper[3])
    assert again.status_code == 400
    other = await visitor.send(await asked_for_code(visitor, agent), code=paper[4])
    assert told(other)["code"]


async def test_another_person_s_paper_opens_nothing(
    gateway: Gateway, visitor: Visitor, agent: dict[str, str]
) -> None:
    await enrolled(visitor, agent)
    other = await new_person(gateway, "validator", is_demo=False)
    elsewhere = gateway.visitor()
    async with elsewhere.http:
        page = await elsewhere.sign_in(await elsewhere.ask(scope="filings:decide"), other)
        shown = await elsewhere.send(page, code=code(secret_on(page)))
        theirs = re.findall(r"<li>([0-9A-Z-]{19})</li>", shown.text)
    refused = await visitor.send(await asked_for_code(visitor, agent), code=theirs[0])
    assert refused.status_code == 400


async def test_ten_wrong_codes_close_the_name_also_for_the_right_one(
    gateway: Gateway, visitor: Visitor, agent: dict[str, str]
) -> None:
    secret, _ = await enrolled(visitor, agent)
    fresh = gateway.visitor()
    async with fresh.http:
        page = await asked_for_code(fresh, agent)  # one attempt: its password
        for _ in range(9):
            page = await fresh.send(page, code="000000")
        right = await fresh.send(page, code=code(secret))
        assert right.status_code == 400
        # the right code was not used up, and counts when the quarter of an hour is over
    with clock.shifted(timedelta(minutes=15, seconds=1)):
        fresh = gateway.visitor()
        async with fresh.http:
            answer = await fresh.send(await asked_for_code(fresh, agent), code=code(secret))
            assert told(answer)["code"]


async def test_the_password_alone_does_not_take_failures_back(
    gateway: Gateway, visitor: Visitor, agent: dict[str, str]
) -> None:
    await enrolled(visitor, agent)
    fresh = gateway.visitor()
    async with fresh.http:
        for _ in range(5):  # five passwords that are right, five codes that are not
            await fresh.send(await asked_for_code(fresh, agent), code="000000")
        page = await fresh.sign_in(await fresh.ask(), agent)
        assert "do not go together" in page.text


async def test_the_second_step_needs_the_first_in_the_same_browser(
    gateway: Gateway, visitor: Visitor, agent: dict[str, str]
) -> None:
    secret, _ = await enrolled(visitor, agent)
    page = await asked_for_code(visitor, agent)
    other = gateway.visitor()
    async with other.http:
        await other.ask()
        stolen = await other.send(page, code=code(secret))
    assert stolen.status_code == 403


async def test_a_changed_password_ends_a_half_done_sign_in(
    gateway: Gateway, visitor: Visitor, agent: dict[str, str]
) -> None:
    secret, _ = await enrolled(visitor, agent)
    page = await asked_for_code(visitor, agent)
    changed = await gateway.app.state.passwords.hash("another one altogether")
    await gateway.app.state.reads.fetch(
        "update account set password_hash = $2 where id = $1", agent["sub"], changed
    )
    assert (await visitor.send(page, code=code(secret))).status_code == 400


async def test_who_becomes_an_agent_needs_one_from_then_on(
    gateway: Gateway, visitor: Visitor
) -> None:
    user = await new_person(gateway, "trainer", is_demo=False)
    tokens = await visitor.tokens(user, scope="training:read")
    change = "update account set roles = array['instructor'] where id = $1"
    await gateway.app.state.reads.fetch(change, user["sub"])
    refused = await visitor.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    silent = told(await visitor.ask(prompt="none", scope="training:read"))
    assert silent["error"] == "login_required"
    page = await visitor.sign_in(await visitor.ask(scope="training:read"), user)
    assert "Your role asks" in page.text


async def test_secrets_and_paper_are_not_kept_readable(
    gateway: Gateway, visitor: Visitor, agent: dict[str, str]
) -> None:
    secret, paper = await enrolled(visitor, agent)
    reads: Any = gateway.app.state.reads
    kept = ""
    for table, column in (("account", "id"), ("recovery_code", "account_id")):
        rows = await reads.fetch(f"select t::text from {table} t where {column} = $1", agent["sub"])
        kept += "".join(row["t"] for row in rows)
    assert secret not in kept
    assert not [one for one in paper if one in kept or one.replace("-", "") in kept]

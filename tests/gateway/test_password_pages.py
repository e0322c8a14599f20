"""The first password, the forgotten one, the changed one."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis import clock
from gateway.accounts import codes, password_rules
from gateway.accounts.models import AccountStatus, CodePurpose
from gateway.notices.letters import CODE_PAGE
from gateway.notices.schemas import Content
from gateway.notices.service import context
from tests.gateway.people import PASSWORD, new_person
from tests.gateway.visitor import Visitor, told
from tests.gateway.world import Gateway

NEW = "la pirogue rentre avant la nuit"
REFUSED = {
    "court": "password_short",
    "onze carac.": "password_short",
    "x" * 201: "password_long",
    "aaaaaaaaaaaa": "password_common",
    "abababababab": "password_common",
    "123456789012": "password_common",
    "210987654321": "password_common",
    "azertyuiop123": "password_common",
    "qwertyuiopas": "password_common",
    "motdepasse2026": "password_common",
    "Password!2026": "password_common",
    "Sénégal-2026!": "password_common",
    "mboolo2026!!": "password_common",
    "Cooperatives1": "password_common",
    "awadiop-awadiop": "password_common",
    "awa.diop-2026": "password_common",
    "Aminata Diallo": "password_common",
    "1q2w3e4r5t6y": "password_common",
}


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[Visitor]:
    found = gateway.visitor()
    async with found.http:
        yield found


@pytest.mark.parametrize(("password", "fault"), REFUSED.items())
def test_easy_passwords_are_refused(password: str, fault: str) -> None:
    about = ("awa.diop", "Aminata Diallo")
    assert fault in list(password_rules.faults(password, about))


@pytest.mark.parametrize(
    "password",
    [NEW, PASSWORD, "dëkk bi dafa neex", "tortue 7 mangues", "Xk9#qLw2!vRt"],
)
def test_others_are_welcome_without_rules_of_composition(password: str) -> None:
    assert list(password_rules.faults(password, ("awa.diop", "Aminata Diallo"))) == []


async def code_for(
    gateway: Gateway, user: dict[str, str], purpose: CodePurpose = CodePurpose.PASSWORD_RESET
) -> str:
    async with gateway.app.state.database.transaction() as session:
        return await codes.issue(session, user["sub"], purpose)


async def choose(visitor: Visitor, code: str, password: str, again: str = "") -> httpx.Response:
    page = await visitor.http.get(f"/oauth2/password/new/{code}")
    assert code in page.text
    return await visitor.send(page, password=password, again=again or password)


async def can_sign_in(gateway: Gateway, user: dict[str, str], password: str) -> bool:
    fresh = gateway.visitor()
    async with fresh.http:
        page = await fresh.sign_in(await fresh.ask(), {**user, "password": password})
        return "mboolo-sign-in" in fresh.http.cookies and page.status_code in (200, 303)


async def test_an_invited_person_chooses_a_password_and_comes_in(
    gateway: Gateway, visitor: Visitor
) -> None:
    invited = {"status": AccountStatus.INVITED, "password_hash": None}
    user = await new_person(gateway, "trainer", **invited)
    assert not await can_sign_in(gateway, user, NEW)
    code = await code_for(gateway, user, CodePurpose.INVITATION)
    done = await choose(visitor, code, NEW)
    assert "Password saved" in done.text
    assert await can_sign_in(gateway, user, NEW)
    again = await choose(visitor, code, "une autre phrase entière")
    assert (again.status_code, "This code is not good" in again.text) == (400, True)
    assert await can_sign_in(gateway, user, NEW)
    said = await gateway.app.state.reads.fetch(
        "select act, by_sub from audit_entry where target_id = $1", user["sub"]
    )
    assert [tuple(row) for row in said] == [("USER_ACTIVATED", user["sub"])]


@pytest.mark.parametrize("password", ["court", "mboolo2026!!"])
async def test_a_refused_password_uses_no_code_up(
    gateway: Gateway, visitor: Visitor, password: str
) -> None:
    user = await new_person(gateway)
    code = await code_for(gateway, user)
    assert (await choose(visitor, code, password)).status_code == 400
    assert (await choose(visitor, code, NEW, NEW + "!")).status_code == 400
    assert await can_sign_in(gateway, user, PASSWORD)
    assert (await choose(visitor, code, NEW)).status_code == 200


async def test_a_reset_ends_every_sign_in_and_every_token(
    gateway: Gateway, visitor: Visitor
) -> None:
    user = await new_person(gateway)
    tokens = await visitor.tokens(user, scope="training:read")
    other = gateway.visitor()
    async with other.http:
        await choose(other, await code_for(gateway, user), NEW)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await visitor.http.get("/v1/me", headers=bearer)).status_code == 401
    assert (await visitor.refresh(tokens["refresh_token"])).status_code == 400
    assert 'action="/oauth2/sign-in"' in (await visitor.ask()).text
    assert not await can_sign_in(gateway, user, PASSWORD)
    assert await can_sign_in(gateway, user, NEW)


@pytest.mark.parametrize("status", [AccountStatus.SUSPENDED, AccountStatus.LEFT])
async def test_who_may_not_act_sets_no_password(
    gateway: Gateway, visitor: Visitor, status: AccountStatus
) -> None:
    user = await new_person(gateway, status=status)
    refused = await choose(visitor, await code_for(gateway, user), NEW)
    assert refused.status_code == 400


async def test_a_late_code_is_not_good(gateway: Gateway, visitor: Visitor) -> None:
    user = await new_person(gateway)
    code = await code_for(gateway, user)
    with clock.shifted(timedelta(minutes=31)):
        assert (await choose(visitor, code, NEW)).status_code == 400


async def with_address(gateway: Gateway, **changes: Any) -> tuple[dict[str, str], str]:
    from gateway.users import addresses

    user = await new_person(gateway, **changes)
    address = f"{user['sub']}@example.sn"
    vault = gateway.app.state.vault
    await gateway.app.state.reads.fetch(
        "update account set email_sealed = $2, email_blind = $3 where id = $1",
        user["sub"],
        vault.seal(address, addresses._context(user["sub"])),
        addresses.blind(address, vault),
    )
    return user, address


async def letters(gateway: Gateway, user: dict[str, str], least: int = 0) -> list[Content]:
    """What is waiting, once `least` have been written: that is done when the answer has left."""
    async with asyncio.timeout(60):
        while await written(gateway, user) < least:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    for _ in range(20):
        before = await _letters(gateway, user)
        await asyncio.sleep(0.25)
        if before == (after := await _letters(gateway, user)):
            return after
    raise AssertionError("letters without end")


async def _letters(gateway: Gateway, user: dict[str, str]) -> list[Content]:
    rows = await gateway.app.state.reads.fetch(
        "select id, content_sealed from notice where account_id = $1 and status = 'WAITING'"
        " order by created_at",
        user["sub"],
    )
    vault = gateway.app.state.vault
    opened = [vault.open(row["content_sealed"], context(row["id"])) for row in rows]
    return [Content.model_validate_json(content) for content in opened]


async def written(gateway: Gateway, user: dict[str, str]) -> int:
    """How many letters there were, also those that others took the place of."""
    sql = "select 1 from notice where account_id = $1"
    return len(await gateway.app.state.reads.fetch(sql, user["sub"]))


async def ask_for_code(visitor: Visitor, name: str) -> httpx.Response:
    return await visitor.send(await visitor.http.get("/oauth2/password"), username=name)


def same(page: httpx.Response) -> str:
    return re.sub(r'value="[^"]*"', "", page.text)


async def test_known_and_unknown_names_get_the_same_answer(
    gateway: Gateway, visitor: Visitor
) -> None:
    user, address = await with_address(gateway)
    names = (user["username"], f" {address.upper()} ", "nobody", "nobody@example.sn", "")
    answers = [await ask_for_code(visitor, name) for name in names]
    assert len({same(answer) for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    # the second takes the place of the first, whose code is void
    sent = await letters(gateway, user, least=2)
    assert [letter.to for letter in sent] == [address]
    assert await written(gateway, user) == 2


async def test_the_code_in_the_letter_opens(gateway: Gateway, visitor: Visitor) -> None:
    user, _ = await with_address(gateway)
    await ask_for_code(visitor, user["username"])
    (letter,) = await letters(gateway, user, least=1)
    assert letter.code
    assert "Password saved" in (await choose(visitor, letter.code, NEW)).text
    assert await can_sign_in(gateway, user, NEW)


async def test_the_link_that_letters_and_the_operator_give_leads_to_the_page(
    gateway: Gateway, visitor: Visitor
) -> None:
    user = await new_person(gateway)
    page = await visitor.http.get(CODE_PAGE)
    assert page.status_code == 200
    code = await code_for(gateway, user)
    done = await visitor.send(page, code=code, password=NEW, again=NEW)
    assert "Password saved" in done.text


async def test_nobody_is_buried_in_letters(gateway: Gateway, visitor: Visitor) -> None:
    user, _ = await with_address(gateway)
    for _ in range(6):
        await ask_for_code(visitor, user["username"])
    assert len(await letters(gateway, user, least=3)) == 1
    assert await written(gateway, user) == 3


async def test_a_lost_invitation_is_sent_again(gateway: Gateway, visitor: Visitor) -> None:
    invited = {"status": AccountStatus.INVITED, "password_hash": None}
    user, address = await with_address(gateway, **invited)
    await ask_for_code(visitor, address)
    (letter,) = await letters(gateway, user, least=1)
    assert "Password saved" in (await choose(visitor, letter.code or "", NEW)).text


@pytest.mark.parametrize("status", [AccountStatus.SUSPENDED, AccountStatus.LEFT])
async def test_who_may_not_act_gets_no_letter(
    gateway: Gateway, visitor: Visitor, status: AccountStatus
) -> None:
    user, _ = await with_address(gateway, status=status)
    assert (await ask_for_code(visitor, user["username"])).status_code == 200
    assert await letters(gateway, user) == []


async def test_a_reset_opens_a_closed_name_again(gateway: Gateway, visitor: Visitor) -> None:
    user = await new_person(gateway)
    attacker = gateway.visitor()
    async with attacker.http:
        page = await attacker.ask()
        for _ in range(10):
            page = await attacker.send(page, username=user["username"], password="no")
    assert not await can_sign_in(gateway, user, PASSWORD)
    await choose(visitor, await code_for(gateway, user), NEW)
    assert await can_sign_in(gateway, user, NEW)


async def test_a_changed_password_signs_out_every_other_browser(
    gateway: Gateway, visitor: Visitor
) -> None:
    user = await new_person(gateway)
    here = await visitor.tokens(user, scope="training:read")
    other = gateway.visitor()
    async with other.http:
        there = await other.tokens(user, scope="training:read")
        page = await visitor.http.get("/oauth2/account")
        form = {"current": PASSWORD, "password": NEW, "again": NEW}
        done = await send_to(visitor, page, "/oauth2/account/password", form)
        assert "Password changed" in done.text
        for who, tokens, status in ((visitor, here, 200), (other, there, 401)):
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            assert (await who.http.get("/v1/me", headers=bearer)).status_code == status
        assert 'action="/oauth2/sign-in"' in (await other.ask()).text
        assert told(await visitor.ask(scope="training:read"))["code"]
    assert await can_sign_in(gateway, user, NEW)
    assert not await can_sign_in(gateway, user, PASSWORD)


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"current": "wrong", "password": NEW, "again": NEW}, "present password is not right"),
        ({"current": PASSWORD, "password": NEW, "again": "x"}, "are not the same"),
        ({"current": PASSWORD, "password": "short", "again": "short"}, "Fewer than twelve"),
        ({"current": PASSWORD}, "Fewer than twelve"),
    ],
)
async def test_a_change_that_is_refused_changes_nothing(
    gateway: Gateway, visitor: Visitor, form: dict[str, str], fault: str
) -> None:
    user = await new_person(gateway)
    await visitor.come_in(user)
    page = await visitor.http.get("/oauth2/account")
    refused = await send_to(visitor, page, "/oauth2/account/password", form)
    assert (refused.status_code, fault in refused.text) == (400, True)
    assert await can_sign_in(gateway, user, PASSWORD)


async def send_to(
    visitor: Visitor, page: httpx.Response, action: str, form: dict[str, str]
) -> httpx.Response:
    from tests.gateway.visitor import Forms

    forms = Forms(page.text)
    fields = forms.fields[forms.actions.index(action)]
    return await visitor.http.post(action, data={**fields, **form}, headers={"Origin": visitor.url})

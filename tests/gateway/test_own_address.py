"""A person changes their own address; whatever they change about how they come in is written to
them, so that nobody changes it in their place unnoticed."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.accounts import codes
from gateway.accounts.models import AccountStatus, CodePurpose
from gateway.users import addresses
from tests.gateway.people import PASSWORD, new_person
from tests.gateway.test_password_pages import NEW, code_for, letters, send_to
from tests.gateway.test_second_factor import code, secret_on
from tests.gateway.visitor import Forms, Visitor
from tests.gateway.world import Gateway

HOME = "/oauth2/account"


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[Visitor]:
    found = gateway.visitor()
    async with found.http:
        yield found


def somewhere() -> str:
    return f"awa.{secrets.token_hex(6)}@example.sn"


async def a_person(gateway: Gateway, *roles: str, **changes: Any) -> tuple[dict[str, str], str]:
    """A person who may sign in, and the address at which they are written to."""
    user = await new_person(gateway, *roles, **changes)
    address, vault = somewhere(), gateway.app.state.vault
    await gateway.app.state.reads.fetch(
        "update account set email_sealed = $2, email_blind = $3 where id = $1 returning 1",
        user["sub"],
        vault.seal(address, f"account:{user['sub']}:email"),
        addresses.blind(address, vault),
    )
    return user, address


async def kept(gateway: Gateway, user: dict[str, str]) -> str | None:
    """The address as it is kept."""
    [row] = await gateway.app.state.reads.fetch(
        "select email_sealed, email_blind from account where id = $1", user["sub"]
    )
    vault = gateway.app.state.vault
    address: str = vault.open(row["email_sealed"], f"account:{user['sub']}:email")
    assert row["email_blind"] == addresses.blind(address, vault)
    return address


async def kinds(gateway: Gateway, user: dict[str, str]) -> list[str]:
    rows = await gateway.app.state.reads.fetch(
        "select kind from notice where account_id = $1 order by created_at, id", user["sub"]
    )
    return [row["kind"] for row in rows]


async def ask(visitor: Visitor, address: str, current: str = PASSWORD) -> httpx.Response:
    page = await visitor.http.get(HOME)
    form = {"address": address, "current": current}
    return await send_to(visitor, page, f"{HOME}/address", form)


async def confirm(visitor: Visitor, typed: str, page: httpx.Response | None = None) -> Any:
    page = page or await visitor.http.get(HOME)
    return await send_to(visitor, page, f"{HOME}/address/confirmation", {"code": typed})


async def test_an_address_is_changed_by_a_code_that_went_there(
    gateway: Gateway, visitor: Visitor
) -> None:
    user, old = await a_person(gateway)
    await visitor.come_in(user)
    page = await visitor.http.get(HOME)
    assert 'Our messages come to <span class="whole">a…@example.sn</span>' in page.text
    assert old not in page.text
    new = somewhere()
    page = await ask(visitor, f"  {new} ")
    assert (
        page.status_code,
        f'The code that was sent to <span class="whole">{new}</span>' in page.text,
    ) == (200, True)
    assert await kept(gateway, user) == old
    [letter] = await letters(gateway, user)
    assert (letter.to, letter.username) == (new, user["username"])
    assert letter.code
    done = await confirm(visitor, letter.code.lower(), page)
    assert "Address changed" in done.text
    assert "The code that was sent" not in done.text
    assert await kept(gateway, user) == new
    [told] = await letters(gateway, user)  # the code is used up, and its letter with it
    assert (told.to, told.code) == (old, None)
    assert await kinds(gateway, user) == ["ADDRESS_CONFIRMATION", "OWN_ADDRESS_CHANGED"]
    again = await visitor.http.get(HOME)
    assert f"{HOME}/address/confirmation" not in again.text
    rows = await gateway.app.state.reads.fetch(
        "select act, by_sub, details from audit_entry where target_id = $1 order by at", user["sub"]
    )
    acts = [(row["act"], row["by_sub"]) for row in rows]
    assert acts == [
        ("ADDRESS_CHANGE_ASKED", user["sub"]),
        ("ADDRESS_CHANGED", user["sub"]),
    ]
    assert new not in str([row["details"] for row in rows])


@pytest.mark.parametrize(
    ("address", "current", "fault"),
    [
        ("nowhere", PASSWORD, "does not look like an e-mail address"),
        ("a@b.sn\r\nBcc: all@example.sn", PASSWORD, "does not look like an e-mail address"),
        ("", PASSWORD, "does not look like an e-mail address"),
        (f"{'x' * 250}@example.sn", PASSWORD, "does not look like an e-mail address"),
        ("awa@example.sn", "not mine", "The present password is not right"),
    ],
    ids=["none", "a header", "empty", "long", "password"],
)
async def test_nothing_is_sent_for_what_is_wrong(
    gateway: Gateway, visitor: Visitor, address: str, current: str, fault: str
) -> None:
    user, old = await a_person(gateway)
    await visitor.come_in(user)
    page = await ask(visitor, address, current)
    assert (page.status_code, fault in page.text) == (400, True)
    assert await kinds(gateway, user) == []
    assert await kept(gateway, user) == old


async def test_the_code_of_somebody_else_opens_nothing_and_stays_good(
    gateway: Gateway, visitor: Visitor
) -> None:
    user, old = await a_person(gateway)
    other, _ = await a_person(gateway)
    await visitor.come_in(user)
    await ask(visitor, somewhere())
    theirs = await code_for(gateway, other, CodePurpose.ADDRESS_CHANGE)
    password = await code_for(gateway, user)
    for typed in (theirs, password, "0000-0000-0000-0000-0000", "", "é" * 40):
        refused = await confirm(visitor, typed)
        assert (refused.status_code, "This code is not good" in refused.text) == (400, True)
    assert await kept(gateway, user) == old
    async with gateway.app.state.database.transaction() as session:
        assert await codes.owner(session, theirs, [CodePurpose.ADDRESS_CHANGE])
        assert await codes.owner(session, password, [CodePurpose.PASSWORD_RESET])


async def test_a_code_for_an_address_sets_no_password(gateway: Gateway, visitor: Visitor) -> None:
    user, _ = await a_person(gateway)
    wrong = await code_for(gateway, user, CodePurpose.ADDRESS_CHANGE)
    page = await visitor.http.get(f"/oauth2/password/new/{wrong}")
    refused = await visitor.send(page, password=NEW, again=NEW)
    assert (refused.status_code, "This code is not good" in refused.text) == (400, True)


async def test_a_code_sent_to_the_old_address_opens_nothing_afterwards(
    gateway: Gateway, visitor: Visitor
) -> None:
    user, _ = await a_person(gateway)
    await visitor.come_in(user)
    await ask(visitor, somewhere())
    [letter] = await letters(gateway, user)
    before = await code_for(gateway, user)
    assert "Address changed" in (await confirm(visitor, str(letter.code))).text
    async with gateway.app.state.database.transaction() as session:
        assert await codes.owner(session, before, [CodePurpose.PASSWORD_RESET]) is None


async def test_only_the_last_code_counts_and_none_after_a_new_password(
    gateway: Gateway, visitor: Visitor
) -> None:
    user, old = await a_person(gateway)
    await visitor.come_in(user)
    await ask(visitor, somewhere())
    [first] = await letters(gateway, user)
    await ask(visitor, somewhere())
    [second] = await letters(gateway, user)
    page = await visitor.http.get(HOME)
    assert (await confirm(visitor, str(first.code), page)).status_code == 400
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    assert "Password changed" in (await send_to(visitor, page, f"{HOME}/password", form)).text
    assert (await confirm(visitor, str(second.code), page)).status_code == 400
    assert await kept(gateway, user) == old


async def test_the_address_of_another_account_is_refused_once_it_is_proved(
    gateway: Gateway, visitor: Visitor
) -> None:
    """Before, an answer would tell a stranger who has an account."""
    user, old = await a_person(gateway)
    _, taken = await a_person(gateway)
    await visitor.come_in(user)
    asked = await ask(visitor, taken.upper())
    assert asked.status_code == 200
    [letter] = await letters(gateway, user)
    refused = await confirm(visitor, str(letter.code))
    assert (refused.status_code, "another account" in refused.text) == (400, True)
    assert await kept(gateway, user) == old


async def test_of_two_who_prove_one_address_at_once_one_gets_it(gateway: Gateway) -> None:
    new, visitors, asked = somewhere(), [], []
    for _ in range(2):
        user, _ = await a_person(gateway)
        visitor = gateway.visitor()
        visitors.append(visitor)
        await visitor.come_in(user)
        await ask(visitor, new)
        [letter] = await letters(gateway, user)
        asked.append((visitor, str(letter.code), await visitor.http.get(HOME)))
    done = await asyncio.gather(*(confirm(who, typed, page) for who, typed, page in asked))
    assert sorted(answer.status_code for answer in done) == [200, 400]
    for visitor in visitors:
        await visitor.http.aclose()


async def test_one_code_confirms_once_whoever_asks_at_once(
    gateway: Gateway, visitor: Visitor
) -> None:
    user, _ = await a_person(gateway)
    await visitor.come_in(user)
    page = await ask(visitor, somewhere())
    [letter] = await letters(gateway, user)
    tries = [confirm(visitor, str(letter.code), page) for _ in range(5)]
    done = await asyncio.gather(*tries)
    assert sorted(answer.status_code for answer in done) == [200, 400, 400, 400, 400]
    assert (await kinds(gateway, user)).count("OWN_ADDRESS_CHANGED") == 1


async def test_nobody_is_bothered_with_many_letters(gateway: Gateway, visitor: Visitor) -> None:
    user, _ = await a_person(gateway)
    await visitor.come_in(user)
    for _ in range(3):
        assert (await ask(visitor, somewhere())).status_code == 200
    late = await ask(visitor, somewhere())
    assert (late.status_code, "Too many codes" in late.text) == (400, True)
    assert len(await kinds(gateway, user)) == 3
    victim = somewhere()
    for number in range(4):
        sender = gateway.visitor()
        async with sender.http:
            other, _ = await a_person(gateway)
            await sender.come_in(other)
            found = await ask(sender, victim)
            assert found.status_code == (200 if number < 3 else 400)


async def test_who_was_suspended_meanwhile_changes_nothing(
    gateway: Gateway, visitor: Visitor
) -> None:
    user, old = await a_person(gateway)
    await visitor.come_in(user)
    page = await ask(visitor, somewhere())
    [letter] = await letters(gateway, user)
    await gateway.app.state.reads.fetch(
        "update account set status = $2 where id = $1 returning 1",
        user["sub"],
        AccountStatus.SUSPENDED.value,
    )
    assert (await confirm(visitor, str(letter.code), page)).status_code == 403
    assert await kept(gateway, user) == old


async def test_a_changed_password_is_told_by_letter(gateway: Gateway, visitor: Visitor) -> None:
    user, address = await a_person(gateway)
    await visitor.come_in(user)
    page = await visitor.http.get(HOME)
    form = {"current": PASSWORD, "password": NEW, "again": NEW}
    await send_to(visitor, page, f"{HOME}/password", form)
    [letter] = await letters(gateway, user)
    assert (letter.to, letter.code) == (address, None)
    typed = await code_for(gateway, user)
    page = await visitor.http.get(f"/oauth2/password/new/{typed}")
    await visitor.send(page, password=PASSWORD, again=PASSWORD)
    assert await kinds(gateway, user) == ["PASSWORD_CHANGED", "PASSWORD_CHANGED"]


async def test_the_first_password_is_no_news(gateway: Gateway, visitor: Visitor) -> None:
    user, _ = await a_person(gateway, status=AccountStatus.INVITED, password_hash=None)
    typed = await code_for(gateway, user, CodePurpose.INVITATION)
    page = await visitor.http.get(f"/oauth2/password/new/{typed}")
    assert "Password saved" in (await visitor.send(page, password=NEW, again=NEW)).text
    assert await kinds(gateway, user) == []


async def test_every_change_of_the_second_factor_is_told_by_letter(
    gateway: Gateway, visitor: Visitor
) -> None:
    user, address = await a_person(gateway, "volunteer", is_demo=False)
    await visitor.come_in(user)
    page = await visitor.http.get(HOME)
    page = await send_to(visitor, page, f"{HOME}/second-factor", {"current": PASSWORD})
    assert await kinds(gateway, user) == []  # begun is not done
    secret = secret_on(page)
    paper = await visitor.send(page, code=code(secret, -1))
    page = await visitor.http.get(HOME)
    await send_to(visitor, page, f"{HOME}/second-factor/paper", {"code": "000000"})
    fresh = await send_to(visitor, page, f"{HOME}/second-factor/paper", {"code": code(secret)})
    assert "Your recovery codes" in paper.text
    assert Forms(paper.text).links == []  # none that would end the page with the codes
    new = re.findall(r"<li>([0-9A-Z-]{19})</li>", fresh.text)
    page = await visitor.http.get(HOME)
    other = await send_to(visitor, page, f"{HOME}/second-factor/replacement", {"code": new[0]})
    second = secret_on(other)
    await visitor.send(other, code=code(second, -1))
    page = await visitor.http.get(HOME)
    await send_to(visitor, page, f"{HOME}/second-factor/off", {"code": code(second)})
    assert await kinds(gateway, user) == [
        "SECOND_FACTOR_ON",
        "RECOVERY_CODES_RENEWED",
        "SECOND_FACTOR_ON",
        "SECOND_FACTOR_OFF",
    ]
    assert {letter.to for letter in await letters(gateway, user)} == {address}


async def test_a_telephone_set_up_while_signing_in_is_told_too(
    gateway: Gateway, visitor: Visitor
) -> None:
    user, _ = await a_person(gateway, "instructor", is_demo=False)
    page = await visitor.sign_in(await visitor.http.get(HOME), user)
    assert (await visitor.send(page, code="000000")).status_code == 400
    assert await kinds(gateway, user) == []
    await visitor.send(page, code=code(secret_on(page), -1))
    assert await kinds(gateway, user) == ["SECOND_FACTOR_ON"]

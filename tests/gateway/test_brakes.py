"""Guessing is slow: ten attempts at a name in a quarter of an hour, known or not, then none."""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis import clock
from gateway.accounts import passwords
from gateway.settings import GatewaySettings
from gateway.signin import attempts, unlock
from tests.gateway.people import PASSWORD, new_client, new_person
from tests.gateway.visitor import Visitor, told
from tests.gateway.world import Gateway, asking, compact, es256


@pytest.fixture
async def visitor(gateway: Gateway) -> AsyncIterator[Visitor]:
    found = gateway.visitor()
    async with found.http:
        yield found


@pytest.fixture
async def user(gateway: Gateway) -> dict[str, str]:
    return await new_person(gateway, "trainer")


async def guess(visitor: Visitor, name: str) -> httpx.Response:
    return await visitor.send(await visitor.ask(), username=name, password="no")


def same(page: httpx.Response) -> str:
    return re.sub(r'value="[^"]*"', "", page.text)


async def is_in(gateway: Gateway, user: dict[str, str]) -> bool:
    fresh = gateway.visitor()
    async with fresh.http:
        await fresh.sign_in(await fresh.ask(), user)
        return "mboolo-sign-in" in fresh.http.cookies


@pytest.mark.parametrize(("failures", "opens"), [(9, True), (10, False)])
async def test_after_ten_failures_the_right_password_is_refused_too(
    gateway: Gateway, visitor: Visitor, user: dict[str, str], failures: int, opens: bool
) -> None:
    for _ in range(failures):
        assert (await guess(visitor, user["username"])).status_code == 400
    assert await is_in(gateway, user) is opens


async def test_the_lock_is_over_after_a_quarter_of_an_hour(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    for _ in range(12):
        await guess(visitor, user["username"])
    with clock.shifted(timedelta(minutes=13)):
        assert not await is_in(gateway, user)
        for _ in range(5):  # trying on does not prolong it
            await guess(visitor, user["username"])
    with clock.shifted(timedelta(minutes=15, seconds=30)):
        assert await is_in(gateway, user)


async def test_failures_spread_over_time_do_not_add_up(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    for _ in range(9):
        await guess(visitor, user["username"])
    with clock.shifted(timedelta(minutes=16)):
        for _ in range(9):
            await guess(visitor, user["username"])
        assert await is_in(gateway, user)


async def test_a_success_takes_failures_back(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    for _ in range(3):
        for _ in range(8):
            await guess(visitor, user["username"])
        assert await is_in(gateway, user)


async def test_many_at_once_are_no_way_around(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    async with gateway.app.state.database.transaction() as session:
        await attempts.forget(session, "racing")

    async def attempt() -> bool:
        async with gateway.app.state.database.transaction() as session:
            return await attempts.attempt(session, "racing")

    found = await asyncio.gather(*(attempt() for _ in range(30)))
    assert sum(found) == 10


async def test_known_and_unknown_names_look_the_same_all_along(
    visitor: Visitor, user: dict[str, str]
) -> None:
    seen = []
    for name in (user["username"], "nobody.at.all"):
        answers = [await guess(visitor, name) for _ in range(12)]
        seen.append([(answer.status_code, same(answer)) for answer in answers])
    assert seen[0] == seen[1]
    assert len(set(seen[0])) == 1  # open or closed: nobody can tell


@pytest.mark.parametrize("kind", ["right", "wrong", "unknown", "closed", "without password"])
async def test_every_attempt_costs_one_verification(
    gateway: Gateway,
    visitor: Visitor,
    user: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    # equal time by equal work: exactly one argon2 of the same cost, whoever is meant
    costs: list[str] = []
    verify = passwords._HASHER.verify

    def counted(password: str, kept: str) -> bool:
        costs.append(kept.rsplit("$", 2)[0])
        return verify(password, kept)

    if kind == "without password":
        await gateway.app.state.reads.fetch(
            "update account set status = 'INVITED', password_hash = null where id = $1",
            user["sub"],
        )
    if kind == "closed":
        for _ in range(10):
            await guess(visitor, user["username"])
    page = await visitor.ask()
    monkeypatch.setattr(passwords._HASHER, "verify", counted)
    name = "nobody.at.all" if kind == "unknown" else user["username"]
    password = "no" if kind == "wrong" else PASSWORD
    answer = await visitor.send(page, username=name, password=password)
    assert costs == ["$argon2id$v=19$m=19456,t=4,p=1"]
    assert (answer.status_code == 400) is (kind != "right")


async def test_strangers_do_not_lock_a_person_out_of_their_own_browser(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    await visitor.come_in(user)
    stranger = gateway.visitor()
    async with stranger.http:
        for _ in range(12):
            await guess(stranger, user["username"])
    assert not await is_in(gateway, user)
    page = await visitor.ask(prompt="login")
    assert told(await visitor.sign_in(page, user))["code"]
    # and in the end the person's own browser gets no more tries than anybody
    for _ in range(10):
        await visitor.send(
            await visitor.ask(prompt="login"), username=user["username"], password="no"
        )
    page = await visitor.sign_in(await visitor.ask(prompt="login"), user)
    assert page.status_code == 400


async def test_the_mark_of_a_browser_is_good_for_one_person_only(
    gateway: Gateway, visitor: Visitor, user: dict[str, str]
) -> None:
    victim = await new_person(gateway, "trainer")
    await visitor.come_in(user)
    for _ in range(10):
        await visitor.send(
            await visitor.ask(prompt="login"), username=victim["username"], password="no"
        )
    page = await visitor.sign_in(await visitor.ask(prompt="login"), victim)
    assert page.status_code == 400


async def test_an_address_is_braked_for_all_names(
    gateway: Gateway, visitor: Visitor, user: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attempts.PER_ADDRESS == 100
    factor = gateway.app.state.settings.limit_factor  # tests are many, from one address
    monkeypatch.setattr(attempts, "PER_ADDRESS", 5 / factor)
    monkeypatch.setattr(gateway.app.state.addresses, "of", lambda _: "192.0.2.77")
    for n in range(3):
        assert (await guess(visitor, f"nobody.{n}")).status_code == 400
    assert await is_in(gateway, user)  # a success is no failure
    for n in range(3, 5):
        assert (await guess(visitor, f"nobody.{n}")).status_code == 400
    refused = await visitor.sign_in(await visitor.ask(), user)
    assert (refused.status_code, "Too many attempts from here" in refused.text) == (429, True)
    with clock.shifted(timedelta(minutes=15, seconds=30)):
        assert await is_in(gateway, user)


async def test_no_name_is_kept_readable(gateway: Gateway, visitor: Visitor) -> None:
    await guess(visitor, "a.name.typed.by.mistake")
    rows = await gateway.app.state.reads.fetch("select f::text from sign_in_failures f")
    assert rows
    assert not [row for row in rows if "typed" in row["f"] or "127.0.0.1" in row["f"]]


async def test_a_client_s_secret_is_braked_where_it_is_guessed_and_nowhere_else(
    gateway: Gateway, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = await new_client(gateway, grant_types=["client_credentials"])
    good, bad = (machine["client_id"], machine["client_secret"]), (machine["client_id"], "no")
    grant = {"grant_type": "client_credentials"}

    async def ask(auth: tuple[str, str], address: str) -> int:
        monkeypatch.setattr(gateway.app.state.addresses, "of", lambda _: address)
        answer = await client.post("/oauth2/token", data=grant, auth=auth)
        assert answer.json().get("error") == (None if answer.is_success else "invalid_client")
        return answer.status_code

    assert [await ask(bad, "192.0.2.5") for _ in range(10)] == [401] * 10
    assert await ask(good, "192.0.2.5") == 401
    assert await ask(good, "192.0.2.6") == 200
    with clock.shifted(timedelta(minutes=15, seconds=30)):
        assert await ask(good, "192.0.2.5") == 200


class Bank:
    """A bank that asks for tokens, and strangers who do so in its name; each from an address."""

    def __init__(self, gateway: Gateway, client: httpx.AsyncClient, here: list[str]) -> None:
        self.gateway, self.client, self.here = gateway, client, here

    async def asks(self, address: str, assertion: str) -> int:
        self.here[:] = [address]
        answer = await self.client.post("/oauth2/token", data=asking(assertion))
        assert answer.json().get("error") == (None if answer.is_success else "invalid_client")
        return answer.status_code

    def good(self, role: str = "bank_a", **changes: Any) -> str:
        key = self.gateway.entry(role)["private_key_jwk"]
        header = {"alg": "ES256", "typ": "JWT", "kid": key["kid"]}
        return compact(header, self.gateway.assertion(role, **changes), es256(key))

    def forged(self, role: str = "bank_a") -> str:
        key = self.gateway.entry("sfd")["private_key_jwk"]
        header = {"alg": "ES256", "typ": "JWT", "kid": key["kid"]}
        return compact(header, self.gateway.assertion(role), es256(key))


@pytest.fixture
def bank(gateway: Gateway, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Bank:
    here = ["192.0.2.1"]
    monkeypatch.setattr(gateway.app.state.addresses, "of", lambda _: here[0])
    factor = gateway.app.state.settings.limit_factor
    monkeypatch.setattr(attempts, "PER_NAME", 10 / factor)
    return Bank(gateway, client, here)


async def test_signatures_are_braked_where_they_are_tried_and_nowhere_else(bank: Bank) -> None:
    there = f"192.0.2.{secrets.randbelow(200)}:{secrets.token_hex(4)}"
    assert [await bank.asks(there, bank.forged()) for _ in range(10)] == [401] * 10
    assert await bank.asks(there, bank.good()) == 401
    assert await bank.asks(there, bank.good("bank_b")) == 200  # nobody tried that name there
    assert await bank.asks("198.51.100.7", bank.good()) == 200  # the bank, from where it is
    with clock.shifted(timedelta(minutes=15, seconds=30)):
        assert await bank.asks(there, bank.good()) == 200


async def test_nine_wrong_signatures_close_nothing(bank: Bank) -> None:
    there = secrets.token_hex(8)
    for _ in range(9):
        assert await bank.asks(there, bank.forged()) == 401
    assert await bank.asks(there, bank.good()) == 200


async def test_a_bank_with_a_wrong_clock_does_not_shut_itself_out(bank: Bank) -> None:
    there, now = secrets.token_hex(8), int(time.time())
    used = bank.good()
    assert await bank.asks(there, used) == 200
    for _ in range(8):
        assert await bank.asks(there, bank.good(iat=now - 900, exp=now - 840)) == 401
        assert await bank.asks(there, used) == 401
    assert await bank.asks(there, bank.good()) == 200


@pytest.mark.parametrize(
    "assertion", ["nonsense", "a.b.c", "é.à.ç", "..", "x.bnVsbA.x", "x.W10.x", f"x.{'W' * 9000}.x"]
)
async def test_what_names_nobody_is_counted_too(bank: Bank, assertion: str) -> None:
    there = secrets.token_hex(8)
    assert [await bank.asks(there, assertion) for _ in range(11)] == [401] * 11
    assert await bank.asks(there, bank.good()) == 200


async def test_many_names_from_one_address_are_braked_together(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    factor = bank.gateway.app.state.settings.limit_factor
    monkeypatch.setattr(attempts, "PER_ADDRESS", 12 / factor)
    there = secrets.token_hex(8)
    for role in ("bank_a", "bank_b", "sfd"):
        for _ in range(4):
            wrong = bank.forged(role) if role != "sfd" else "nonsense"
            assert await bank.asks(there, wrong) == 401
    assert await bank.asks(there, bank.good()) == 401
    assert await bank.asks(secrets.token_hex(8), bank.good()) == 200


async def test_the_operator_opens_a_closed_name(
    gateway: Gateway, visitor: Visitor, user: dict[str, str], settings: GatewaySettings
) -> None:
    for _ in range(10):
        await guess(visitor, user["username"])
    assert not await is_in(gateway, user)
    act: Any = unlock.command(settings)
    await act(None, [user["username"]])
    assert await is_in(gateway, user)
    for words in ([], ["nobody.at.all"], ["a", "b"]):
        with pytest.raises(SystemExit):
            await act(None, words)

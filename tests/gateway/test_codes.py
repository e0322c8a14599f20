"""One-time codes: good once, for a while, for one purpose, and only the newest."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis import clock
from chassis.db import Database
from gateway.accounts import codes
from gateway.accounts.codes import Redeemed
from gateway.accounts.models import Account, AccountStatus, CodePurpose, Organisation
from gateway.accounts.models import OrganisationKind as Kind
from tests.gateway.world import Gateway

INVITATION, RESET = CodePurpose.INVITATION, CodePurpose.PASSWORD_RESET


@pytest.fixture
def database(gateway: Gateway) -> Database:
    found: Database = gateway.app.state.database
    return found


@pytest.fixture
async def account(database: Database) -> str:
    id = uuid4().hex
    now = clock.now()
    async with database.transaction() as session:
        session.add(Organisation(id=f"org-{id}", kind=Kind.DEVELOPER, name="x", created_at=now))
        await session.flush()
        session.add(
            Account(
                id=f"user-{id}",
                username=id,
                organisation_id=f"org-{id}",
                roles=[],
                territory=[],
                status=AccountStatus.INVITED,
                created_at=now,
            )
        )
    return f"user-{id}"


async def issued(database: Database, account: str, purpose: CodePurpose = INVITATION) -> str:
    async with database.transaction() as session:
        return await codes.issue(session, account, purpose)


async def redeemed(database: Database, code: str, *purposes: CodePurpose) -> codes.Redeemed | None:
    async with database.transaction() as session:
        return await codes.redeem(session, code, purposes or (INVITATION,))


async def test_a_code_is_good_once(database: Database, account: str) -> None:
    code = await issued(database, account)
    assert await redeemed(database, code) == Redeemed(account, INVITATION)
    assert await redeemed(database, code) is None


async def test_of_many_who_try_at_once_one_comes_in(database: Database, account: str) -> None:
    code = await issued(database, account)
    found = await asyncio.gather(*(redeemed(database, code) for _ in range(6)))
    assert [one for one in found if one] == [Redeemed(account, INVITATION)]


async def test_a_new_code_makes_the_old_one_void(database: Database, account: str) -> None:
    old, new = [await issued(database, account) for _ in range(2)]
    assert await redeemed(database, old) is None
    assert await redeemed(database, new)


async def test_of_many_issued_at_once_one_is_live(database: Database, account: str) -> None:
    made = await asyncio.gather(*(issued(database, account) for _ in range(6)))
    assert len(set(made)) == 6
    assert len([code for code in made if await redeemed(database, code)]) == 1


async def test_the_two_purposes_do_not_touch_each_other(database: Database, account: str) -> None:
    invitation = await issued(database, account)
    reset = await issued(database, account, RESET)
    assert await redeemed(database, reset, INVITATION) is None
    assert await redeemed(database, reset, INVITATION, RESET) == Redeemed(account, RESET)
    assert await redeemed(database, invitation, INVITATION, RESET)


@pytest.mark.parametrize(
    ("purpose", "later", "is_good"),
    [
        (INVITATION, timedelta(days=7, seconds=-30), True),
        (INVITATION, timedelta(days=7, seconds=1), False),
        (RESET, timedelta(minutes=30, seconds=-30), True),
        (RESET, timedelta(minutes=30, seconds=1), False),
    ],
)
async def test_a_code_lives_as_long_as_its_purpose(
    database: Database, account: str, purpose: CodePurpose, later: timedelta, is_good: bool
) -> None:
    code = await issued(database, account, purpose)
    with clock.shifted(later):
        assert bool(await redeemed(database, code, purpose)) is is_good


async def test_a_code_may_be_typed_as_people_type(database: Database, account: str) -> None:
    code = await issued(database, account)
    typed = f" {code.lower().replace('-', ' ')} ".replace("1", "l").replace("0", "o")
    assert await redeemed(database, typed)


async def test_only_its_hash_is_kept(database: Database, account: str, gateway: Gateway) -> None:
    code = await issued(database, account)
    rows = await gateway.app.state.reads.fetch(
        "select t::text from one_time_code t where account_id = $1", account
    )
    assert len(rows) == 1
    assert code.replace("-", "") not in rows[0]["t"]


@pytest.mark.parametrize("code", ["", "-", "K7QM", "\x00", "é" * 20, "A" * 5000])
async def test_anything_else_opens_nothing(database: Database, code: str) -> None:
    assert await redeemed(database, code) is None

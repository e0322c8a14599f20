"""`python -m gateway admin …`: what only the operator of the machine can do, and does once.

The codes are printed here and nowhere else: whoever may run this command holds the database anyway.
"""

import sys
from collections.abc import Awaitable, Callable, Sequence

from asyncpg import Connection, Record
from pydantic import ValidationError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.app import Command
from chassis.db import Database, create_engine, hold
from chassis.vault import Vault
from gateway.accounts import codes, second_factor
from gateway.accounts.models import (
    Account,
    AccountStatus,
    CodePurpose,
    Organisation,
    OrganisationKind,
    OrganisationStatus,
)
from gateway.administrators import ADMINISTRATORS, count
from gateway.audit.service import OPERATOR, Target, note
from gateway.issuer.endings import end_person
from gateway.names import new_name
from gateway.notices.letters import CODE_PAGE
from gateway.notices.models import NoticeKind
from gateway.settings import GatewaySettings
from gateway.territories import NATION
from gateway.users.errors import AddressTaken, UsernameTaken
from gateway.users.letters import write_to
from gateway.users.schemas import Invitation
from gateway.users.service import add, target

Act = Callable[[AsyncSession, Sequence[str], Vault], Awaitable[str]]
_ADMIN = 'python -m gateway admin USERNAME ADDRESS "FULL NAME" "MINISTRY UNIT"'
_RESET = "python -m gateway admin-reset USERNAME"


def commands(settings: GatewaySettings) -> dict[str, Command]:
    """The commands by name."""

    async def admin(_: "Connection[Record]", words: Sequence[str]) -> None:
        """make the first administrator of an empty installation, and print the code once"""
        await _run(settings, words, first_administrator)

    async def admin_reset(_: "Connection[Record]", words: Sequence[str]) -> None:
        """let an administrator who lost password or second factor in again, by a code"""
        await _run(settings, words, let_in_again)

    return {"admin": admin, "admin-reset": admin_reset}


async def _run(settings: GatewaySettings, words: Sequence[str], act: Act) -> None:
    database = Database(create_engine(settings))
    try:
        async with database.transaction() as session:
            code = await act(session, words, Vault(settings.vault_file))
    finally:
        await database.engine.dispose()
    # Only after the commit: a code must open something.
    sys.stdout.write(f"Choose the password at {settings.public_url}{CODE_PAGE}/{code}\n")
    sys.stdout.write("This address is shown once and good once: give it to that person alone.\n")


async def first_administrator(session: AsyncSession, words: Sequence[str], vault: Vault) -> str:
    """The code that opens the account of the first administrator; again, if it was lost."""
    if len(words) != 4:
        raise SystemExit(f"Say who: {_ADMIN}")
    await hold(session, ADMINISTRATORS)
    if await count(session):
        raise SystemExit(f"There is an administrator already, who can invite others. See {_RESET}")
    account = await _invited(session, words[0]) or await _new(session, words, vault)
    return await codes.issue(session, account.id, CodePurpose.INVITATION)


async def _invited(session: AsyncSession, username: str) -> Account | None:
    query = select(Account).where(
        Account.username == username,
        Account.status == AccountStatus.INVITED,
        col(Account.roles).op("&&")(["admin"]),
    )
    return (await session.exec(query)).first()


async def _new(session: AsyncSession, words: Sequence[str], vault: Vault) -> Account:
    try:
        wish = Invitation(username=words[0], email=words[1], full_name=words[2])
        account = await add(session, wish, await _unit(session, words[3]), vault=vault)
    except ValidationError as error:
        wrong = ", ".join(sorted({str(one["loc"][0]) for one in error.errors()}))
        raise SystemExit(f"Not acceptable: {wrong}. {_ADMIN}") from None
    except (UsernameTaken, AddressTaken) as error:
        raise SystemExit(f"{error.code}: choose another one.") from None
    account.roles, account.territory = ["admin"], [NATION]
    note(session, "USER_INVITED", target(account), by=OPERATOR, roles=account.roles)
    return account


async def _unit(session: AsyncSession, name: str) -> Organisation:
    query = select(Organisation).where(
        Organisation.kind == OrganisationKind.MINISTRY_UNIT,
        Organisation.status == OrganisationStatus.ACTIVE,
        Organisation.name == name,
    )
    found = (await session.exec(query)).first()
    return found or _new_unit(session, name)


def _new_unit(session: AsyncSession, name: str) -> Organisation:
    unit = Organisation(
        id=new_name("org"),
        kind=OrganisationKind.MINISTRY_UNIT,
        name=name,
        created_at=clock.now(),
    )
    session.add(unit)
    told = Target("ORGANISATION", unit.id, unit.id)
    note(session, "ORGANISATION_CREATED", told, by=OPERATOR, kind=unit.kind.value)
    return unit


async def let_in_again(session: AsyncSession, words: Sequence[str], vault: Vault) -> str:
    """A code for a new password; the second factor is forgotten, every session ends."""
    if len(words) != 1:
        raise SystemExit(f"Say who: {_RESET}")
    query = select(Account).where(
        Account.username == words[0],
        Account.status == AccountStatus.ACTIVE,
        col(Account.roles).op("&&")(["admin"]),
    )
    account = (await session.exec(query)).first()
    if account is None:
        raise SystemExit("No active administrator has that name.")
    account.totp_sealed = account.totp_pending = None
    account.version += 1
    await session.flush()
    await second_factor.turn_off(session, account.id)
    await end_person(session, account.id, "RESET_BY_OPERATOR")
    write_to(session, account, NoticeKind.SECOND_FACTOR_RESET, vault=vault)
    note(session, "USER_RESET_BY_OPERATOR", target(account), by=OPERATOR)
    return await codes.issue(session, account.id, CodePurpose.PASSWORD_RESET)

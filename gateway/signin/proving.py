"""A name and a password: the same work, and the same answer, whoever is meant."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run
from chassis.vault import Vault
from gateway.accounts import persons
from gateway.accounts.passwords import Passwords
from gateway.accounts.persons import Person
from gateway.signin import attempts
from gateway.signin.browser import Browser

_ACCOUNT = text("select id, password_hash from account where username = :username")
_STILL = text("select password_hash from account where id = :id for no key update")


class TooManyFromHere(Exception):
    """So many attempts failed from one address that no more are judged."""


@dataclass(frozen=True)
class Counts:
    """Where the attempts of this browser at this name are counted."""

    name: str
    address: str
    browser: str | None  # when the person came in here before
    per_address: int  # how many may fail from there

    @property
    def of_name(self) -> list[str]:
        """What a success takes back."""
        return [self.name, *([self.browser] if self.browser else [])]


@dataclass(frozen=True)
class Proof:
    """A person who knew their password, and what must still be so when the sign-in begins."""

    person: Person
    password_hash: str
    counts: Counts


def counts_of(vault: Vault, browser: Browser, username: str, account_id: str | None) -> Counts:
    """Keyed hashes: the table of failures names nobody."""
    mark = browser.knows(account_id) if account_id else None
    return Counts(
        name=subject_of(vault, username),
        address=vault.blind(f"sign-in address:{browser.address}"),
        browser=vault.blind(f"sign-in browser:{mark}") if mark else None,
        per_address=attempts.PER_ADDRESS * browser.factor,
    )


def subject_of(vault: Vault, username: str) -> str:
    """Under what failures at a name are counted, whoever it is."""
    return vault.blind(f"sign-in name:{username}")


async def may_try(session: AsyncSession, counts: Counts) -> bool:
    """Count an attempt; False when the name is closed. Raises `TooManyFromHere`."""
    if not await attempts.attempt(session, counts.address, counts.per_address):
        raise TooManyFromHere()
    is_open = await attempts.attempt(session, counts.name)
    return await attempts.attempt(session, counts.browser) if counts.browser else is_open


async def prove(state: Any, browser: Browser, username: str, password: str) -> Proof | None:
    """The person, if name and password are right, the name is open, and they may act."""
    name = username.strip().lower()
    async with state.database.transaction() as session:
        account = (await run(session, _ACCOUNT, {"username": name})).one_or_none()
        counts = counts_of(state.vault, browser, name, account.id if account else None)
        is_open = await may_try(session, counts)
    passwords: Passwords = state.passwords
    is_right = await passwords.holds(password, account.password_hash if account else None)
    if account is None or not (is_open and is_right):
        return None
    async with state.database.transaction() as session:
        person = await persons.find(session, account.id)
    return Proof(person, account.password_hash, counts) if person else None


async def password_hash(session: AsyncSession, account_id: str) -> str | None:
    """What is kept of the password; it stays so until the commit.

    Whoever changes it, or suspends the person, holds this row and ends what began before.
    """
    row = (await run(session, _STILL, {"id": account_id})).one_or_none()
    found: str | None = row.password_hash if row else None
    return found


async def confirm(session: AsyncSession, proof: Proof) -> bool:
    """Whether the password is still the one that was proved; then nothing is held against it."""
    if await password_hash(session, proof.person.id) != proof.password_hash:
        return False
    await attempts.forget(session, *proof.counts.of_name)
    await attempts.forgive(session, proof.counts.address)
    return await persons.find(session, proof.person.id) is not None

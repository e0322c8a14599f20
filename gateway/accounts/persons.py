"""A person who may act now, with what that means: roles, scopes, territory, organisation."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run
from gateway.roles import ROLES

_FIND = text(
    "select a.id, a.username, a.full_name, a.language, a.organisation_id, o.lender_id, a.roles,"
    " a.territory, a.is_demo, a.totp_sealed from account a"
    " join organisation o on o.id = a.organisation_id"
    " where a.id = :id and a.status = 'ACTIVE' and o.status = 'ACTIVE'"
)


@dataclass(frozen=True)
class Person:
    """An active account of an active organisation."""

    id: str
    username: str
    full_name: str
    language: str
    organisation_id: str
    lender_id: str | None
    roles: tuple[str, ...]
    territory: tuple[str, ...]
    is_demo: bool
    totp_sealed: str | None

    @property
    def scopes(self) -> frozenset[str]:
        """All that the person's roles open."""
        return frozenset(scope for role in self.roles for scope in ROLES.get(role, ()))

    @property
    def has_second_factor(self) -> bool:
        """Whether a telephone was enrolled."""
        return self.totp_sealed is not None

    def must_have_second_factor(self, roles: Collection[str]) -> bool:
        """Whether the person holds one of `roles`, for which a password alone is not enough.

        Persons of the demonstration, which exists on loopback addresses only, are spared.
        """
        return not (self.is_demo or set(self.roles).isdisjoint(roles))

    def needs_second_factor(self, roles: Collection[str]) -> bool:
        """Whether a password alone does not let the person in."""
        return self.has_second_factor or self.must_have_second_factor(roles)

    @property
    def name(self) -> str:
        """How to address the person."""
        return self.full_name or self.username


async def find(session: AsyncSession, account_id: str) -> Person | None:
    """The person, None unless they may act now."""
    found = (await run(session, _FIND, {"id": account_id})).one_or_none()
    return _person(dict(found) if found else None)


def find_in(session: Session, account_id: str) -> Person | None:
    """The same for the synchronous side of a session."""
    found = session.connection().execute(_FIND, {"id": account_id})
    return _person(found.mappings().one_or_none())


def _person(row: Mapping[Any, Any] | None) -> Person | None:
    if row is None:
        return None
    lists = {"roles": tuple(row["roles"]), "territory": tuple(row["territory"])}
    return Person(**{**row, **lists})

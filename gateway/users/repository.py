"""Accounts, found and kept."""

from collections.abc import Sequence

from sqlmodel import col, select

from chassis.repository import Repository
from gateway.accounts.models import Account, AccountStatus, Organisation
from gateway.keysets import Place, following
from gateway.users.schemas import UserFilter


class Users(Repository[Account]):
    """All accounts."""

    model = Account
    aggregate = "user"

    async def page(
        self, wanted: UserFilter, *, after: Place | None, limit: int
    ) -> Sequence[Account]:
        """Those that match every filter that is set, oldest first; one more than `limit`."""
        query = select(Account)
        for name, value in wanted.model_dump(exclude_none=True).items():
            query = query.where(getattr(Account, name) == value)
        rows: Sequence[Account] = (
            await self.session.exec(following(Account, query, after, limit))
        ).all()
        return rows

    async def organisation_of(self, account: Account) -> Organisation:
        """The organisation that a person belongs to."""
        query = select(Organisation).where(Organisation.id == account.organisation_id)
        return (await self.session.exec(query)).one()

    async def is_name_taken(self, username: str) -> bool:
        """Whether anybody, present or gone, has that name."""
        query = select(Account.id).where(Account.username == username)
        return (await self.session.exec(query)).first() is not None

    async def is_address_taken(self, blind: str, *, but_by: str) -> bool:
        """Whether another account has the address with that blind."""
        query = select(Account.id).where(Account.email_blind == blind, col(Account.id) != but_by)
        return (await self.session.exec(query)).first() is not None

    async def successor_of(self, id: str) -> Account | None:
        """Who has taken over from a person."""
        query = select(Account).where(Account.replaces_id == id)
        return (await self.session.exec(query)).first()

    async def managers_of(self, organisation_id: str) -> Sequence[Account]:
        """The persons who manage an organisation now."""
        query = select(Account).where(
            Account.organisation_id == organisation_id,
            Account.status == AccountStatus.ACTIVE,
            col(Account.roles).op("&&")(["manager"]),
        )
        return (await self.session.exec(query)).all()

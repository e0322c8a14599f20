"""Clients and their secrets, found and kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select

from chassis.repository import Repository
from gateway.accounts.models import Organisation
from gateway.clients.schemas import ClientFilter
from gateway.issuer.models import Client, ClientSecret
from gateway.keysets import Place, following


class Clients(Repository[Client]):
    """All clients."""

    model = Client
    aggregate = "client"

    async def page(
        self, wanted: ClientFilter, *, after: Place | None, limit: int
    ) -> Sequence[Client]:
        """Those that match every filter that is set, oldest first; one more than `limit`."""
        query = select(Client)
        for name, value in wanted.model_dump(exclude_none=True).items():
            query = query.where(getattr(Client, name) == value)
        rows: Sequence[Client] = (
            await self.session.exec(following(Client, query, after, limit))
        ).all()
        return rows

    async def of_organisation(self, organisation_id: str) -> Sequence[Client]:
        """Every client of an organisation."""
        query = select(Client).where(Client.organisation_id == organisation_id)
        return (await self.session.exec(query.order_by(col(Client.id)))).all()

    async def organisation_of(self, client: Client) -> Organisation:
        """The organisation that owns a client."""
        query = select(Organisation).where(Organisation.id == client.organisation_id)
        return (await self.session.exec(query)).one()

    async def secrets_at(self, client_id: str, now: datetime) -> Sequence[ClientSecret]:
        """The secrets that are good at that moment, oldest first."""
        query = select(ClientSecret).where(
            col(ClientSecret.client_id) == client_id,
            or_(col(ClientSecret.revoke_at).is_(None), col(ClientSecret.revoke_at) > now),
        )
        return (await self.session.exec(query.order_by(col(ClientSecret.created_at)))).all()

    async def secret(self, client_id: str, id: UUID) -> ClientSecret | None:
        """One secret of a client, good or not."""
        query = select(ClientSecret).where(
            ClientSecret.client_id == client_id, ClientSecret.id == id
        )
        return (await self.session.exec(query)).one_or_none()

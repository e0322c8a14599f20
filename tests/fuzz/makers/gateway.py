"""Organisations and persons."""

import asyncio
from uuid import uuid4

import asyncpg

from tests.fuzz.makers.base import Base, Thing


class GatewayMakers(Base):
    """Made by the administrator of the platform."""

    def organisation_wish(self) -> Thing:
        """What a new organisation says of itself."""
        return {"kind": "COOPERATIVE", "name": f"Jappoo {uuid4().hex[:8]}"}

    def new_organisation(self) -> Thing:
        """An organisation."""
        made = self.crew.post("admin", "/v1/organisations", self.organisation_wish())
        return self.note("organisations", made)

    def suspended_organisation(self) -> Thing:
        """An organisation that may not act for now."""
        made = self.new_organisation()
        self.act("admin", f"/v1/organisations/{made['id']}", "suspensions")
        return made

    def invitation(self) -> Thing:
        """What an invitation says of a person."""
        name = f"awa-{uuid4().hex[:10]}"
        return {"username": name, "full_name": "Awa Diatta", "email": f"{name}@example.sn"}

    def user_wish(self) -> Thing:
        """A person who is invited to an organisation."""
        organisation = self.new_organisation()
        return {
            **self.invitation(),
            "organisation_id": organisation["id"],
            "roles": ["cooperative"],
        }

    def invited(self) -> Thing:
        """A person who has not come in yet."""
        return self.note("users", self.crew.post("admin", "/v1/users", self.user_wish()))

    def active(self) -> Thing:
        """A person at work; how they came in, by letter and page, is not asked here."""
        made = self.invited()
        asyncio.run(_activate(self.crew.accounts_url, made["id"]))
        return made

    def suspended_user(self) -> Thing:
        """A person who may not act for now."""
        made = self.active()
        self.act("admin", f"/v1/users/{made['id']}", "suspensions")
        return made

    def departed(self) -> Thing:
        """A person who has left."""
        made = self.active()
        self.act("admin", f"/v1/users/{made['id']}", "departures")
        return made


async def _activate(url: str, id: str) -> None:
    connection = await asyncpg.connect(url)
    sql = "update account set status = 'ACTIVE', password_hash = 'of nobody' where id = $1"
    await connection.execute(sql, id)
    await connection.close()

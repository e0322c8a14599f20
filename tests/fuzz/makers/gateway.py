"""Organisations and persons."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import asyncpg

from chassis.jose import Signer
from chassis.keys import new_private_jwk, public_jwk, thumbprint
from gateway.client_keys.rules import TYP
from tests.fuzz.makers.base import Base, Thing


class GatewayMakers(Base):
    """Made by the administrator of the platform."""

    def organisation_wish(self) -> Thing:
        """What a new organisation says of itself."""
        return {"kind": "DEVELOPER", "name": f"Jappoo {uuid4().hex[:8]}"}

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
            "roles": ["manager"],
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

    def client_wish(self, *, by_key: bool = False, **changes: Any) -> Thing:
        """A machine of an application, by its secret or by its key."""
        organisation = self.new_organisation()
        method = "private_key_jwt" if by_key else "client_secret_basic"
        return {
            "name": "Comptes",
            "organisation_id": organisation["id"],
            "auth_method": method,
            "grant_types": ["client_credentials"],
            "scopes": ["cooperatives:read", "cooperatives.members:read"],
        } | changes

    def client(self, *, by_key: bool = False, **changes: Any) -> Thing:
        """A machine that was registered."""
        wish = self.client_wish(by_key=by_key, **changes)
        return self.note("clients", self.crew.post("admin", "/v1/clients", wish))

    def suspended_client(self) -> Thing:
        """A machine that may not act for now."""
        made = self.client()
        self.act("admin", f"/v1/clients/{made['id']}", "suspensions")
        return made

    def upload(self, client: Thing) -> tuple[Thing, str]:
        """A public key of a client with the proof that its private half is held; its name."""
        key = new_private_jwk(f"key-{uuid4().hex[:12]}")
        now = int(time.time())
        claims = {"iss": client["id"], "sub": client["id"], "aud": self.crew.base}
        claims |= {"jkt": thumbprint(key), "iat": now, "exp": now + 250, "jti": uuid4().hex}
        proof = Signer(key).token(claims, TYP)
        return {"jwk": public_jwk(dict(key)), "proof": proof}, str(key["kid"])

    def with_key(self) -> tuple[Thing, str]:
        """A machine with a key, and the key's name."""
        client = self.client(by_key=True)
        wish, kid = self.upload(client)
        self.act("admin", f"/v1/clients/{client['id']}", "keys", wish)
        return client, kid


async def _activate(url: str, id: str) -> None:
    connection = await asyncpg.connect(url)
    sql = "update account set status = 'ACTIVE', password_hash = 'of nobody' where id = $1"
    await connection.execute(sql, id)
    await connection.close()

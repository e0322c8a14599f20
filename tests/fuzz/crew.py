"""Who speaks: the demo accounts, a colleague whom four eyes need, and a stranger for each role."""

import json
import time
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.db import Database, create_engine
from chassis.jose import Signer
from chassis.keys import KeyFile
from chassis.settings import Settings
from gateway.accounts import demo
from gateway.accounts.models import Organisation, OrganisationKind
from gateway.issuer.models import Client
from gateway.issuer.tokens import ACCESS_TYP
from gateway.roles import ROLES
from local.story.teller import Teller

SECOND_MANAGER = "second_manager"
PERSON = "person"
# each lender is a stranger to the other two already
_LENDERS = ("lender", "bank_a", "bank_b", "sfd")
_FAR = "SN-DK"


def stranger(role: str) -> str:
    """The name of the stranger in a role."""
    if role == "lender":
        return "sfd"
    return role if role in _LENDERS else f"stranger_{role}"


class Crew(Teller):
    """Speaks as each of them, and tells no story."""

    def __init__(self, accounts: Path) -> None:
        super().__init__(accounts)
        self.accounts_url = ""  # the gateway's database
        self.keys = accounts.parent / "keys" / "gateway" / "keys.json"

    def chapter(self, title: str) -> None:
        """Say nothing."""

    def say(self, sentence: str) -> None:
        """Say nothing."""

    async def enlist(self, url: str) -> None:
        """Enter the colleague and the strangers as clients in the gateway's database."""
        self.accounts_url = url
        people = list(self._people())
        database = Database(create_engine(Settings.model_construct(database_url=url)))
        try:
            async with database.transaction() as session:
                for entry in people:
                    await _enter(session, entry)
        finally:
            await database.engine.dispose()
        self.clients |= {entry.name: entry.entry for entry in people}

    def _people(self) -> "Iterable[_Newcomer]":
        manager = self.clients["training_manager"]
        yield _newcomer(SECOND_MANAGER, "training_manager", manager["organisation_id"], "SN")
        for role in ROLES:
            if role not in _LENDERS:
                yield _newcomer(stranger(role), role, None, _FAR)

    def token(self, role: str) -> str:
        """An access token of a role; of `person`, as if the statistician had signed in."""
        return super().token(role) if role != PERSON else self._person()

    def fresh_token(self, role: str) -> str:
        """A token that nobody else has."""
        self._tokens.pop(role, None)
        token = super().token(role)
        del self._tokens[role]
        return token

    def _person(self) -> str:
        # signing in is a matter of pages; the issuer's own key makes what they lead to
        now, who = int(time.time()), self.clients["statistician"]
        claims = {
            "iss": self.base,
            "aud": self.base,
            "sub": who["sub"],
            "client_id": self.clients["frontend"]["client_id"],
            "org": who["organisation_id"],
            "scope": "openid profile",
            "roles": ["statistician"],
            "territory": ["SN"],
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + 300,
        }
        return Signer(KeyFile(self.keys).current).token(claims, ACCESS_TYP)

    def basic(self, role: str) -> str:
        """The `Authorization` with which a client with a secret asks for a token."""
        pair = f"{self.of(role, 'client_id')}:{self.of(role, 'client_secret')}"
        return f"Basic {b64encode(pair.encode()).decode()}"

    def signature(self, role: str, path: str, key: str, raw: bytes) -> str:
        """The `x-jws-signature` of a lender's POST: detached, over the very bytes that are sent."""
        claims = {
            "iat": int(time.time()),
            "htm": "POST",
            "htu": f"{self.base}{path}",
            "aud": self.base,
            "idk": key,
        }
        return self.signer(role).detached(raw, claims)

    def signed(self, role: str, path: str, body: Any, headers: Mapping[str, str]) -> httpx.Response:
        """A lender's signed act."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        key = uuid4().hex
        signature = self.signature(role, path, key, raw)
        own = {"Idempotency-Key": key, "x-jws-signature": signature}
        return self.ask(role, "POST", path, content=raw, headers={**headers, **own})


@dataclass(frozen=True)
class _Newcomer:
    name: str
    role: str
    is_alone: bool
    entry: dict[str, Any]


def _newcomer(name: str, role: str, organisation: str | None, territory: str) -> _Newcomer:
    who = demo.Identity(role, f"user-{uuid4().hex}", f"org-{uuid4().hex}", name)
    entry = demo.new_client(who) | {"territory": territory}
    entry["organisation_id"] = organisation or entry["organisation_id"]
    return _Newcomer(name, role, organisation is None, entry)


async def _enter(session: AsyncSession, who: _Newcomer) -> None:
    entry, now = who.entry, clock.now()
    if who.is_alone:
        session.add(
            Organisation(
                id=entry["organisation_id"],
                kind=OrganisationKind.DEVELOPER,
                name=who.name,
                created_at=now,
            )
        )
        await session.flush()
    session.add(
        Client(
            id=entry["client_id"],
            name=who.name,
            sub=entry["sub"],
            organisation_id=entry["organisation_id"],
            auth_method=demo.auth_method(entry),
            grant_types=["client_credentials"],
            redirect_uris=[],
            scopes=entry["scope"].split(),
            roles=[who.role],
            territory=[entry["territory"]],
            created_at=now,
        )
    )
    await session.flush()
    session.add_all(demo.proofs(entry))

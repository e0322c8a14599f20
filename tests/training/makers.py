"""What tests of the training service are made of: people, groups, sessions, all lawful."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from chassis.ids import new_id
from chassis.inbox import Fact, hear
from services.training.groups.service import HEARS
from tests.town import Identity, Town

START_COOP = "019a0000-0000-7000-8000-000000000012"
COMMUNE = "SN-SE-SD3-1"
MODULES = ("M1", "M2", "M3", "M4")
DELIVERABLES = ("BUSINESS_IDEA", "FEASIBILITY", "BUSINESS_PLAN", "ORGANISATION")
SCOPES = {
    "cooperative": "training:read training:enrol",
    "volunteer": "training:read training:enrol",
    "training_manager": "training:read training:enrol training:manage",
    "trainer": "training:read training:deliver",
    "third_party": "training:read",
    "bank": "lender:read",
}


def somebody(role: str, **changes: Any) -> Identity:
    """A person in a role of the demo; managers and volunteers have a territory."""
    territory = ["SN"] if role in ("volunteer", "training_manager") else []
    return Identity(**{"scope": SCOPES[role], "roles": [role], "territory": territory} | changes)


@dataclass
class Cast:
    """The four people of the story."""

    manager: Identity = field(default_factory=lambda: somebody("training_manager"))
    trainer: Identity = field(default_factory=lambda: somebody("trainer"))
    cooperative: Identity = field(default_factory=lambda: somebody("cooperative"))
    volunteer: Identity = field(default_factory=lambda: somebody("volunteer"))


def slots(first: datetime, days: int = 4) -> list[dict[str, Any]]:
    """One module a day, six hours each."""
    return [
        {
            "starts_at": (first + timedelta(days=n)).isoformat(),
            "ends_at": (first + timedelta(days=n, hours=6)).isoformat(),
            "module_codes": [MODULES[n]],
        }
        for n in range(days)
    ]


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def a_plan(lead: Identity, **changes: Any) -> dict[str, Any]:
    """A session ahead of us, in ten days."""
    first = now() + timedelta(days=10)
    return {
        "programme_version_id": START_COOP,
        "language": "fr",
        "commune_code": COMMUNE,
        "venue_name": "Foyer des femmes",
        "lead_trainer_sub": lead.sub,
        "capacity": 20,
        "registration_closes_at": (first - timedelta(days=1)).isoformat(),
        "slots": slots(first),
    } | changes


def a_late_plan(lead: Identity, **changes: Any) -> dict[str, Any]:
    """A session that was held a month ago and is entered now."""
    return (
        a_plan(
            lead,
            registration_closes_at=None,
            slots=slots(now() - timedelta(days=30)),
            recorded_late={"reason": "Tenue avant l'ouverture de la plateforme."},
        )
        | changes
    )


def members(count: int, *, women: int | None = None, born: int = 1995) -> list[dict[str, Any]]:
    """Some people; the first `women` of them are women (all of them when not said)."""
    women = count if women is None else women
    return [
        {
            "id": f"m{n}",
            "family_name": "Diatta",
            "given_names": f"Aïssatou {n}",
            "sex": "F" if n < women else "M",
            "birth_year": born,
            "phone": "77 123 45 67",
        }
        for n in range(count)
    ]


def an_assessment(delegation: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The first deliverable of a group is good enough."""
    return {
        "delegation_id": delegation["id"],
        "module_code": "M1",
        "deliverable_code": "BUSINESS_IDEA",
        "outcome": "ACCEPTED",
    } | changes


async def a_group(town: Town, owner: Identity, *, commune: str = COMMUNE, **changes: Any) -> str:
    """An initiative that the registry has told us of; its id."""
    id = new_id()
    data = {
        "initiative_id": str(id),
        "organisation_id": owner.org,
        "name": "Femmes de Diendé",
        "commune_code": commune,
        "members_count": 7,
    } | changes
    await tell(town, initiative_fact(id, data))
    return str(id)


def initiative_fact(id: UUID, data: dict[str, Any], seq: int = 1) -> Fact:
    return Fact(
        id=str(new_id()),
        type="sn.mboolo.registry.initiative.started.v1",
        subject=f"initiative/{id}",
        time=datetime.now(UTC),
        resourceversion=seq,
        data=data,
    )


async def tell(town: Town, *facts: Fact) -> dict[str, int]:
    """Let the training service hear facts of the registry, as its inbox does."""
    async with town.apps["training"].state.database.transaction() as session:
        return (await hear(session, "registry", list(facts), HEARS)).applied


class Desk:
    """One person at the API: every act names the version that was read last."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.client.post(path, json=body if body is not None else {}, headers=headers)

    async def act(self, thing: str, noun: str, body: Any = None) -> httpx.Response:
        """An act on `thing` in the version that it has now."""
        seen = await self.client.get(thing)
        assert seen.status_code == 200, seen.text
        return await self.post(f"{thing}/{noun}", body, **{"If-Match": seen.headers["etag"]})

    async def done(self, thing: str, noun: str, body: Any = None) -> dict[str, Any]:
        """The same, when it must succeed."""
        answer = await self.act(thing, noun, body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def make(self, path: str, body: Any) -> dict[str, Any]:
        answer = await self.post(path, body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())


Act = Callable[[], Awaitable[httpx.Response]]

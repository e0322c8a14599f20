"""Who acts in the tests of financing, and what the others have told financing."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from chassis import clock
from chassis.ids import new_id
from chassis.inbox import Fact, hear
from chassis.sql import run
from services.financing.eligibility.hearing import HEARS
from tests.town import Identity, Town

BANK_A = "0198a000-0000-7000-8000-00000000000a"
BANK_B = "0198a000-0000-7000-8000-00000000000b"
SFD_C = "0198a000-0000-7000-8000-00000000000c"


def an_applicant(**changes: Any) -> Identity:
    return Identity(**{"scope": "financing:apply", "roles": ["cooperative"]} | changes)


def an_officer(**changes: Any) -> Identity:
    return Identity(**{"scope": "financing:review", "territory": ["SN"]} | changes)


def a_validator(**changes: Any) -> Identity:
    return Identity(**{"scope": "financing:validate", "territory": ["SN"]} | changes)


def a_lender(lender_id: str | None = BANK_A, **changes: Any) -> Identity:
    scope = "lender:read lender:decide lender:report"
    return Identity(**{"scope": scope, "lender_id": lender_id} | changes)


def a_snapshot(owner: Identity, **changes: Any) -> dict[str, Any]:
    """A cooperative as the registry tells it."""
    return {
        "cooperative_id": str(new_id()),
        "registration_number": f"SN-{uuid4().hex[:8]}",
        "organisation_id": owner.org,
        "initiative_id": str(new_id()),
        "name": "Femmes de Diendé SCOOPS",
        "legal_form": "SCOOPS",
        "commune_code": "SN-SE-SD3-1",
        "department_code": "SN-SE-SD",
        "region_code": "SN-SE",
        "sector_codes": ["A01"],
        "cps_tags": [],
        "members_count": 7,
        "women_count": 6,
        "men_count": 1,
        "sex_not_stated_count": 0,
        "youth_count": 2,
        "age_not_stated_count": 0,
        "has_woman_president": True,
        "organs_complete": True,
        "registered_on": "2026-03-02",
        "status": "REGISTERED",
    } | changes


def a_completion(snapshot: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A delegation of the cooperative's former initiative that achieved Start.Coop."""
    return {
        "delegation_id": str(new_id()),
        "initiative_id": snapshot["initiative_id"],
        "cooperative_id": None,
        "organisation_id": snapshot["organisation_id"],
        "tool_code": "START_COOP",
        "programme_code": "START_COOP_CPS",
        "outcome": "ACHIEVED",
        "decided_on": date(2026, 2, 20).isoformat(),
    } | changes


def a_fact(kind: str, subject: str, data: dict[str, Any], seq: int = 1) -> Fact:
    return Fact(
        id=str(new_id()),
        type=f"sn.mboolo.{kind}.v1",
        subject=subject,
        time=clock.now(),
        resourceversion=seq,
        data=data,
    )


async def tell(town: Town, producer: str, *facts: Fact) -> None:
    """Let financing hear facts of a peer, through its inbox."""
    async with town.apps["financing"].state.database.transaction() as session:
        outcome = await hear(session, producer, list(facts), HEARS)
    assert outcome.failed == {}


async def tell_cooperative(
    town: Town, snapshot: dict[str, Any], kind: str = "registered", seq: int = 1
) -> None:
    subject = f"cooperative/{snapshot['cooperative_id']}"
    await tell(town, "registry", a_fact(f"registry.cooperative.{kind}", subject, snapshot, seq=seq))


async def tell_training(town: Town, completion: dict[str, Any]) -> None:
    subject = f"delegation/{completion['delegation_id']}"
    await tell(town, "training", a_fact("training.delegation.completed", subject, completion))


async def tell_certificate(town: Town, completion: dict[str, Any], *kinds: str) -> None:
    """What became of one certificate of a delegation: issued, suspended, revoked, …"""
    id = new_id()
    said = completion | {"certificate_id": str(id), "valid_until": None}
    for seq, kind in enumerate(kinds, start=1):
        fact = a_fact(f"training.certificate.{kind}", f"training-certificate/{id}", said, seq=seq)
        await tell(town, "training", fact)


async def heartbeat(
    town: Town, *, seconds_ago: float = 0, blocked: tuple[UUID | str, ...] = ()
) -> None:
    """When the registry was last heard, and the cooperatives of which we may have missed news."""
    async with town.apps["financing"].state.database.transaction() as session:
        await run(
            session,
            text(
                "insert into peer_heard (producer, through, blocked) values ('registry',"
                " clock_timestamp() - :ago * interval '1 second', cast(:blocked as text[]))"
                " on conflict (producer) do update set through = excluded.through,"
                " blocked = excluded.blocked"
            ),
            {"ago": seconds_ago, "blocked": [f"cooperative/{id}" for id in blocked]},
        )


async def a_cooperative(town: Town, owner: Identity, **changes: Any) -> dict[str, Any]:
    """An eligible cooperative of `owner`, registered and trained."""
    snapshot = a_snapshot(owner, **changes)
    await tell_cooperative(town, snapshot)
    await tell_training(town, a_completion(snapshot))
    await heartbeat(town)
    return snapshot


def expect(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The body of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body

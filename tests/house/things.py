"""One real thing behind every address that names one: all of one organisation, all in Sédhiou."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from chassis.ids import new_id
from chassis.inbox import Fact
from tests.financing import acts
from tests.financing.banks import Bank, a_bank
from tests.financing.people import expect
from tests.house.calls import media_of
from tests.house.objects import OPEN
from tests.house.services import Case, cases
from tests.registry import privacy
from tests.registry.importing import a_list, a_registrar, upload
from tests.registry.people import a_filer, registered
from tests.registry.test_initiatives import an_initiative
from tests.town import Identity, Town
from tests.training import makers
from tests.training.stage import Stage

REGION = "SN-SE"

DOORS = [case for case in cases() if case.scopes is not None]
NAMED = [door for door in DOORS if "{id}" in door.path and door[1:3] not in OPEN]
LISTS = [door for door in DOORS if door.method == "GET" and not door.has_parameter]


async def knock(door: Case, client: httpx.AsyncClient, address: str) -> httpx.Response:
    """Ask without key and precondition, so that a door that opens changes nothing."""
    if not door.is_write:
        return await client.get(address)
    headers = {"Idempotency-Key": "", "content-type": media_of(door.method)}
    return await client.request(door.method, address, content=b"{}", headers=headers)


@dataclass
class Things:
    """`ids` by the address that they follow; `subjects` is the cooperative of each service."""

    org: str
    bank: Bank
    trainer: Identity
    ids: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)

    def address(self, path: str) -> str:
        """The address of the real thing of this kind; a kind that is not here fails."""
        prefix, _, rest = path.partition("/{id}")
        return f"{prefix}/{self.ids[prefix]}{rest}"


async def make(town: Town) -> Things:
    """Play every story once, to the point where each kind of thing exists."""
    one, other = await a_bank(town), await a_bank(town)
    file, offers = await acts.offered(town, one, other)
    accepted = next(offer for offer in offers if offer["lender_id"] == one.id)
    lapsed = next(offer for offer in offers if offer["lender_id"] == other.id)
    acceptance = expect(await acts.accept(town, file, accepted), 201)
    decision = (await acts.get(town, one.who, "/v1/lender/decisions"))["items"][0]
    things = Things(file.owner.org, one, makers.somebody("trainer"))
    things.subjects["financing"] = file.cooperative["cooperative_id"]
    things.ids = {
        "/v1/financing-applications": file.application["id"],
        "/v1/offers": lapsed["id"],
        "/v1/financings": acceptance["financing_id"],
        "/v1/lender/assignments": file.assignments[one.id]["id"],
        "/v1/lender/decisions": decision["decision_id"],
    }
    await _register(town, things)
    async with AsyncExitStack() as stack:
        await _train(Stage(town, stack), things)
    return things


async def _register(town: Town, things: Things) -> None:
    filer = a_filer(org=things.org)
    made = await registered(town, filer)
    async with town.client("registry", filer) as client:
        initiative = expect(await client.post("/v1/initiatives", json=an_initiative()), 201)
    answer = await upload(town, a_registrar(REGION), a_list(("Jappoo", "Diendé")))
    imported = expect(answer, 202)
    things.ids |= {"/v1/imports": imported["id"], "/v1/operations": imported["operation_id"]}
    things.subjects["registry"] = made["cooperative_id"]
    member = await privacy.a_member_of(town, filer, made["cooperative_id"])
    await privacy.linked(town, member, things.trainer, giver=filer)
    request = await privacy.asked(town, things.trainer, member)
    things.ids |= {
        "/v1/filings": made["filing_id"],
        "/v1/cooperatives": made["cooperative_id"],
        "/v1/initiatives": initiative["id"],
        "/v1/members": member,
        "/v1/data-requests": request["id"],
    }


async def _train(stage: Stage, things: Things) -> None:
    stage.cast.trainer = things.trainer
    stage.cast.cooperative.org = things.org
    things.subjects["training"] = await a_cooperative(stage.town, things.org)
    mine: dict[str, Any] = {
        "cooperative_id": things.subjects["training"],
        "initiative_id": None,
    }
    plan = await stage.planned()
    thing = await stage.opened_late()
    delegation = await stage.enrolled(thing, **mine)
    await stage.take(thing, "registration-closures", "starts")
    await stage.send(thing, await stage.sheet(thing, delegation))
    await stage.assessed(delegation)
    await stage.take(thing, "deliveries")
    decision = await stage.decided(delegation)
    await stage.take(thing, "result-validations")
    manager = await stage.manager()
    body = {"completion_decision_id": decision["id"]}
    certificate = await manager.make("/v1/training-certificates", body)
    looks = await manager.get(f"/v1/assessments?delegation_id={delegation['id']}")
    things.ids |= {
        "/v1/training-sessions": plan.rpartition("/")[2],
        "/v1/delegations": delegation["id"],
        "/v1/enrolments": delegation["enrolments"][0]["id"],
        "/v1/assessments": looks["items"][0]["id"],
        "/v1/completion-decisions": decision["id"],
        "/v1/training-certificates": certificate["id"],
        "/v1/seat-offers": await _offered_seats(stage, mine),
    }


async def _offered_seats(stage: Stage, mine: dict[str, Any]) -> str:
    thing = await stage.opened(capacity=8, waitlist_max=10)
    first = makers.somebody("cooperative")
    desk = await stage.desk(first)
    group = await makers.a_group(stage.town, first)
    holder = await desk.make("/v1/delegations", await stage.wish(thing, 8, initiative_id=group))
    await stage.enrolled(thing, **mine)
    await desk.done(f"/v1/delegations/{holder['id']}", "withdrawals")
    offers = await (await stage.group()).get("/v1/seat-offers")
    return str(offers["items"][0]["id"])


async def a_cooperative(town: Town, org: str, initiative_id: str | None = None) -> str:
    """A cooperative of which the registry has told training; its id."""
    id = str(new_id())
    data = {
        "cooperative_id": id,
        "organisation_id": org,
        "initiative_id": initiative_id,
        "name": "Femmes de Diendé SCOOPS",
        "commune_code": makers.COMMUNE,
        "registration_number": f"SN-SE-{id[-6:]}",
    }
    fact = Fact(
        id=str(new_id()),
        type="sn.mboolo.registry.cooperative.registered.v1",
        subject=f"cooperative/{id}",
        time=datetime.now(UTC),
        resourceversion=1,
        data=data,
    )
    await makers.tell(town, fact)
    return id

"""A real object behind every address: made through the API by its owner, for tests of who may see
it and of what is refused. A route whose parameter has no row here fails the matrix."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from chassis import clock
from chassis.ids import new_id
from gateway.roles import ROLES
from tests.financing import acts
from tests.financing.banks import Bank, a_bank, a_contract, an_offer
from tests.house.house import House
from tests.registry import importing, people, privacy
from tests.registry.test_initiatives import an_initiative
from tests.town import Identity
from tests.training.stage import Stage


@dataclass
class Thing:
    """What stands in the address, and everybody who rightly sees it."""

    value: str
    people: list[Identity]
    bank: Bank | None = None  # signs for the lender among them
    version: int = 1

    def rightful(self, *scopes: str) -> Identity:
        """Somebody who may call a route that one of `scopes` opens."""
        if not scopes:
            return self.people[0]
        return next(who for who in self.people if not set(who.scope.split()).isdisjoint(scopes))


Maker = Callable[[House], Awaitable[Thing]]


async def _filing(house: House) -> Thing:
    filer = people.a_filer()
    made = await people.submitted(house.town, filer)
    registrar = Identity(scope="filings:correct", territory=["SN-SE"])
    agents = [people.an_instructor(), people.a_validator(), registrar]
    return Thing(made["id"], [filer, *agents], version=made["version"])


async def _initiative(house: House) -> Thing:
    filer = people.a_filer()
    async with house.town.client("registry", filer) as client:
        made = people.expect(await client.post("/v1/initiatives", json=an_initiative()), 201)
    scope = "filings:review filings:decide filings:correct"
    return Thing(made["id"], [filer, Identity(scope=scope, territory=["SN-SE"])])


async def _cooperative(house: House) -> Thing:
    filer = people.a_filer()
    made = await people.registered(house.town, filer)
    return Thing(made["cooperative_id"], [filer])


async def _member(house: House) -> Thing:
    filer = people.a_filer()
    return Thing(await privacy.a_member_of(house.town, filer), [filer])


async def _data_request(house: House) -> Thing:
    filer, person = people.a_filer(), Identity(scope="")
    member = await privacy.a_member_of(house.town, filer)
    await privacy.linked(house.town, member, person, giver=filer)
    made = await privacy.asked(house.town, person, member)
    return Thing(made["id"], [person, privacy.a_protector()])


async def _import(house: House) -> Thing:
    registrar = importing.a_registrar("SN-SE")
    answer = await importing.upload(house.town, registrar, importing.a_list(("Jappoo", "Diendé")))
    agents = [people.an_instructor(), people.a_validator()]
    return Thing(people.expect(answer, 202)["id"], [registrar, *agents])


async def _operation(house: House) -> Thing:
    found = await _import(house)
    async with house.town.client("registry", found.people[0]) as client:
        read = people.expect(await client.get(f"/v1/imports/{found.value}"), 200)
    return Thing(read["operation_id"], found.people)


async def _training_session(stage: Stage) -> Thing:
    # a draft: once it is open, everybody sees it
    thing = await stage.planned()
    helper = Identity(scope="training:enrol training:manage", territory=["SN"])
    return Thing(_id(thing), [stage.cast.manager, stage.cast.trainer, helper])


async def _delegation(stage: Stage) -> Thing:
    made = await stage.enrolled(await stage.opened())
    return Thing(made["id"], _learners(stage))


async def _enrolment(stage: Stage) -> Thing:
    made = await stage.enrolled(await stage.opened())
    return Thing(made["enrolments"][0]["id"], _learners(stage))


async def _seat_offer(stage: Stage) -> Thing:
    session = await stage.opened(capacity=5, waitlist_max=5)
    held = await stage.enrolled(session, 5)
    await stage.enrolled(session, 1)
    group = await stage.group()
    await group.done(f"/v1/enrolments/{held['enrolments'][0]['id']}", "withdrawals")
    [offer] = (await group.get("/v1/seat-offers"))["items"]
    return Thing(offer["id"], [stage.cast.cooperative])


async def _assessment(stage: Stage) -> Thing:
    _, delegation = await stage.under_way()
    await stage.assessed(delegation, "BUSINESS_IDEA")
    listed = await (await stage.manager()).get(f"/v1/assessments?delegation_id={delegation['id']}")
    return Thing(listed["items"][0]["id"], _learners(stage))


async def _completion_decision(stage: Stage) -> Thing:
    _, delegation = await stage.delivered()
    return Thing((await stage.decided(delegation))["id"], _learners(stage))


async def _certificate(stage: Stage) -> Thing:
    return Thing((await stage.certified())["id"], _learners(stage))


def _learners(stage: Stage) -> list[Identity]:
    return [stage.cast.cooperative, stage.cast.trainer, stage.cast.manager]


def _id(thing: str) -> str:
    return thing.rpartition("/")[2]


def _staged(make: Callable[[Stage], Awaitable[Thing]]) -> Maker:
    async def made(house: House) -> Thing:
        async with AsyncExitStack() as stack:
            return await make(Stage(house.town, stack))

    return made


async def _application(house: House) -> Thing:
    file = await acts.submitted(house.town)
    known = [file.owner, file.officer, file.validator]
    return Thing(file.application["id"], known, version=file.application["version"])


async def _assignment(house: House) -> Thing:
    bank = await a_bank(house.town)
    file = await acts.transmitted(house.town, bank)
    return Thing(file.assignments[bank.id]["id"], [bank.who], bank)


async def _lender_decision(house: House) -> Thing:
    bank = await a_bank(house.town)
    file = await acts.transmitted(house.town, bank)
    assignment = file.assignments[bank.id]
    made = await acts.decide(house.town, bank, assignment, an_offer(assignment))
    return Thing(people.expect(made, 201)["decision_id"], [bank.who], bank)


async def _offer(house: House) -> Thing:
    file, [offer] = await acts.offered(house.town, await a_bank(house.town))
    return Thing(offer["id"], [file.owner], version=offer["version"])


async def _financing(house: House) -> Thing:
    bank = await a_bank(house.town)
    file, address = await acts.accepted(house.town, bank)
    people.expect(await acts.post(house.town, bank.who, f"{address}/contracts", a_contract()), 201)
    return Thing(_id(address), [file.owner, file.officer, file.validator, bank.who], bank)


ADMIN = Identity(scope="platform:admin", territory=["SN"])


async def _organisation(house: House) -> Thing:
    made = await _added(house, "organisations", {"kind": "COOPERATIVE", "name": "Jappoo"})
    own = Identity(scope="organisation:manage", org=made["id"])
    return Thing(made["id"], [own, ADMIN])


async def _user(house: House) -> Thing:
    organisation = await _organisation(house)
    name = f"awa-{uuid4().hex[:10]}"
    wish: dict[str, Any] = {
        "username": name,
        "full_name": "Awa Diatta",
        "email": f"{name}@example.sn",
    }
    wish |= {"organisation_id": organisation.value, "roles": ["cooperative"]}
    return Thing((await _added(house, "users", wish))["id"], organisation.people)


async def _client(house: House) -> Thing:
    owner = {"kind": "LENDER", "name": "Banque", "lender_id": str(uuid4())}
    organisation = await _added(house, "organisations", owner)
    wish: dict[str, Any] = {"name": "Machine", "organisation_id": organisation["id"]}
    wish |= {"auth_method": "private_key_jwt", "grant_types": ["client_credentials"]}
    made = await _added(house, "clients", wish | {"scopes": ["lender:read"]})
    manager = Identity(scope="organisation:manage", org=organisation["id"])
    return Thing(made["id"], [manager, ADMIN])


async def _access_grant(house: House) -> Thing:
    owner = await _organisation(house)
    developer = await _added(house, "organisations", {"kind": "DEVELOPER", "name": "Logiciels"})
    wish: dict[str, Any] = {"name": "Comptes", "organisation_id": developer["id"]}
    wish |= {"auth_method": "private_key_jwt", "grant_types": ["client_credentials"]}
    client = await _added(house, "clients", wish | {"scopes": ["filings:write"]})
    cooperative, day = new_id(), clock.now() + timedelta(days=1)
    await house.tell_of_cooperative(cooperative, owner.value)
    own = Identity(scope="filings:write grants:manage", org=owner.value)
    lent: dict[str, Any] = {"client_id": client["id"], "scopes": ["filings:write"]}
    lent |= {"cooperative_id": str(cooperative), "ends_at": clock.wire(day)}
    return Thing((await _added(house, "access-grants", lent, own))["id"], [own, ADMIN])


async def _added(
    house: House, kind: str, wish: dict[str, Any], who: Identity = ADMIN
) -> dict[str, Any]:
    async with house.client("gateway", who) as client:
        told = {"Idempotency-Key": uuid4().hex}
        return people.expect(await client.post(f"/v1/{kind}", json=wish, headers=told), 201)


# What stands before the parameter -> how a real one comes into being.
MAKERS: dict[str, Maker] = {
    "/v1/filings/{id}": _filing,
    "/v1/initiatives/{id}": _initiative,
    "/v1/cooperatives/{id}": _cooperative,
    "/v1/members/{id}": _member,
    "/v1/data-requests/{id}": _data_request,
    "/v1/imports/{id}": _import,
    "/v1/operations/{id}": _operation,
    "/v1/training-sessions/{id}": _staged(_training_session),
    "/v1/delegations/{id}": _staged(_delegation),
    "/v1/enrolments/{id}": _staged(_enrolment),
    "/v1/seat-offers/{id}": _staged(_seat_offer),
    "/v1/assessments/{id}": _staged(_assessment),
    "/v1/completion-decisions/{id}": _staged(_completion_decision),
    "/v1/training-certificates/{id}": _staged(_certificate),
    "/v1/financing-applications/{id}": _application,
    "/v1/lender/assignments/{id}": _assignment,
    "/v1/lender/decisions/{id}": _lender_decision,
    "/v1/offers/{id}": _offer,
    "/v1/financings/{id}": _financing,
    "/v1/organisations/{id}": _organisation,
    "/v1/users/{id}": _user,
    "/v1/clients/{id}": _client,
    "/v1/access-grants/{id}": _access_grant,
}

# Whose duty it is to see what the gateway keeps of everybody.
SEES_ALL = {"admin"}

# Nobody's own: whoever may call the route may read every one. Why, in a word.
OPEN: dict[tuple[str, str], str] = {
    ("GET", "/v1/cooperatives/{id}"): "the register is public (AUSCOOP art. 70)",
    ("GET", "/v1/cooperatives/{id}/alerts"): "what follows from published facts (art. 70)",
    ("GET", "/v1/cooperatives/{id}/obligations"): "from published facts (art. 70)",
    ("GET", "/v1/cooperatives/{id}/obligations.ics"): "from published facts (art. 70)",
    ("GET", "/v1/cooperatives/{id}/allowed-actions"): "about the caller; the register is public",
    ("POST", "/v1/cooperatives/{id}/signing-authority-checks"): "officers are public (art. 70)",
    ("GET", "/v1/cooperatives/{id}/officers"): "names and functions are public (AUSCOOP art. 70)",
    ("GET", "/v1/cooperatives/{id}/revisions"): "the register is public (AUSCOOP art. 70)",
    ("GET", "/v1/cooperatives/{id}/changes"): "the register is public (AUSCOOP art. 70)",
    ("GET", "/v1/cooperatives/{id}/overview"): "each part holds what its service shows the caller",
    ("GET", "/v1/code-lists/{name}"): "the meaning of codes",
    ("GET", "/v1/verifications/{code}"): "whoever holds the code may check the certificate",
    ("GET", "/v1/signing-keys/{kid}"): "public keys",
    ("GET", "/v1/programme-versions/{id}"): "the catalogue of training",
    ("GET", "/v1/financing-products/{code}"): "the catalogue of products",
    ("GET", "/v1/financing-products/{code}/eligibility"): "the catalogue of products",
    ("GET", "/v1/problems/{code}"): "the catalogue of refusals",
    ("GET", "/docs/assets/{name}"): "files of a public page",
    ("GET", "/verify/{code}"): "whoever holds the code may check the certificate",
    ("GET", "/oauth2/password/new/{code}"): "a form: whoever holds the code may choose a password",
}


@dataclass
class Objects:
    """The objects of one house, each made when it is first asked for."""

    house: House
    made: dict[str, Thing] = field(default_factory=dict)

    async def at(self, path: str) -> Thing:
        """The object behind the parameter of `path`."""
        key = before_parameter(path)
        if key not in self.made:
            self.made[key] = await MAKERS[key](self.house)
        return self.made[key]


def before_parameter(path: str) -> str:
    """`/v1/filings/{id}/reviews` -> `/v1/filings/{id}`."""
    return path[: path.index("}") + 1]


def stranger(role: str) -> Identity:
    """Somebody in a role, but of another organisation, another region, another lender."""
    far: dict[str, Any] = {"territory": ["SN-DK"], "lender_id": str(new_id())}
    return Identity(scope=" ".join(ROLES[role]), roles=[role], **far)

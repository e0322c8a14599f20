"""Clients: machines, and applications of persons."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.auth import Caller
from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, PreconditionFailed, ValidationFailed
from chassis.idempotency import Act, Once
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathName
from chassis.patches import Patch
from chassis.tools import Sealing
from chassis.versions import IfMatchIfSent, IfMatchInTurn, etag
from gateway.clients import proofs, service
from gateway.clients.repository import Clients
from gateway.clients.schemas import (
    ActWrite,
    ClientCreated,
    ClientFilter,
    ClientPatch,
    ClientRead,
    ClientWrite,
)
from gateway.clients.states import LIFE, ClientAction
from gateway.issuer.models import AuthMethod, Client, ClientStatus
from gateway.keysets import key, place
from gateway.limits.tiers import TIERS
from gateway.organisations.errors import OrganisationNotActive
from gateway.plane.callers import Admin, Known, Steward
from gateway.users.errors import BeyondYourRights

router = APIRouter(prefix="/v1", tags=["clients"])
REFUSALS = (
    NotFound,
    ValidationFailed,
    PreconditionFailed,
    IllegalTransition,
    BeyondYourRights,
)
_ACT: dict[str, Any] = {
    "status_code": 201,
    "response_model": ClientRead,
    "responses": problems(NotFound, IllegalTransition, PreconditionFailed, BeyondYourRights),
}
Do = Callable[[ClientAction], Awaitable[Response]]


async def _tiers(request: Request) -> frozenset[str]:
    return frozenset({*TIERS, *request.app.state.settings.tiers})


async def _existing(session: Session, _: Admin, id: PathName) -> Client:
    return await Clients(session).get(id)


async def _managed(session: Session, caller: Steward, id: PathName) -> Client:
    return service.in_control(await Clients(session).get(id), caller)


async def _in_control(session: Session, caller: Known, id: PathName) -> Client:
    return service.in_control(await Clients(session).get(id), caller)


Tiers = Annotated[frozenset[str], Depends(_tiers)]
Existing = Annotated[Client, Depends(_existing)]
Managed = Annotated[Client, Depends(_managed)]
InControl = Annotated[Client, Depends(_in_control)]


def _fields(client: Client) -> dict[str, Any]:
    allowed = [action.value for action in LIFE.allowed(client.status)]
    return {**client.model_dump(), "allowed_actions": allowed}


def headers_of(client: Client) -> dict[str, str]:
    location = f"/v1/clients/{client.id}"
    return {"Location": location, "ETag": etag(client.version), "Cache-Control": "no-store"}


@dataclass(frozen=True)
class Asked:
    """What came with an act, once it is known who acts on what."""

    session: Session
    once: Once
    said: ActWrite
    version: int | None


async def _asked(
    session: Session,
    act: Act,
    said: Annotated[ActWrite, Json(ActWrite)],
    version: IfMatchIfSent,
) -> Asked:
    return Asked(session, act, said, version)


AskedFor = Annotated[Asked, Depends(_asked)]


def _do(by: Caller, client: Client, asked: Asked) -> Do:
    async def do(action: ClientAction) -> Response:
        done = await service.act(
            asked.session, client.id, action, asked.said, version=asked.version, by=by
        )
        return await asked.once.answer(201, ClientRead(**_fields(done)), headers=headers_of(done))

    return do


async def _doing(by: Admin, client: Existing, asked: AskedFor) -> Do:
    return _do(by, client, asked)


async def _doing_own(by: Steward, client: Managed, asked: AskedFor) -> Do:
    return _do(by, client, asked)


Doing = Annotated[Do, Depends(_doing)]
DoingOwn = Annotated[Do, Depends(_doing_own)]


@router.post(
    "/clients",
    status_code=201,
    response_model=ClientCreated,
    responses=problems(ValidationFailed, OrganisationNotActive),
)
async def register_client(
    session: Session,
    by: Admin,
    act: Act,
    wish: Annotated[ClientWrite, Json(ClientWrite)],
    tiers: Tiers,
    vault: Sealing,
) -> Response:
    """Register a machine or an application. Its secret, if it has one, is shown here once."""
    client = await service.register(session, wish, by=by, tiers=tiers)
    is_secret = client.auth_method == AuthMethod.SECRET
    secret = proofs.first(session, client) if is_secret else None
    read = ClientCreated(**_fields(client), client_secret=secret)
    return await act.answer(201, read, headers=headers_of(client), vault=vault)


@router.get("/clients")
async def list_clients(
    session: Session,
    caller: Steward,
    window: List,
    response: Response,
    organisation_id: Annotated[str | None, Query(max_length=80)] = None,
    status: Annotated[ClientStatus | None, Query()] = None,
) -> Page[ClientRead]:
    """The clients of your organisation; of all for administrators of the platform."""
    wanted = ClientFilter(organisation_id=organisation_id, status=status)
    after, limit = place(window.after), window.limit
    rows = await Clients(session).page(service.narrowed(wanted, caller), after=after, limit=limit)
    page = window.page(rows, key, response)
    return Page(**{**page, "items": [ClientRead(**_fields(row)) for row in page["items"]]})


@router.get("/clients/{id}", responses=problems(NotFound))
async def read_client(_: Known, client: InControl, response: Response) -> ClientRead:
    """One client: read by administrators, by managers of its organisation and by itself."""
    response.headers["ETag"] = etag(client.version)
    return ClientRead(**_fields(client))


@router.patch("/clients/{id}", responses=problems(*REFUSALS))
async def edit_client(
    session: Session,
    by: Admin,
    client: Existing,
    patch: Annotated[dict[str, Any], Patch(ClientPatch)],
    version: IfMatchInTurn,
    tiers: Tiers,
    response: Response,
) -> ClientRead:
    """Change what a client may ask for: JSON merge patch (RFC 7396). Tokens that say more than
    what is left end at once."""
    changed = await service.edit(session, client.id, patch, version=version, by=by, tiers=tiers)
    response.headers["ETag"] = etag(changed.version)
    return ClientRead(**_fields(changed))


@router.post("/clients/{id}/suspensions", **_ACT)
async def suspend_client(doing: DoingOwn) -> Response:
    """Shut a client out: every token of it, and in the names of persons, ends at once."""
    return await doing(ClientAction.SUSPEND)


@router.post("/clients/{id}/reactivations", **_ACT)
async def reactivate_client(doing: Doing) -> Response:
    """Let a suspended client in again."""
    return await doing(ClientAction.REACTIVATE)


@router.post("/clients/{id}/closures", **_ACT)
async def close_client(doing: Doing) -> Response:
    """Close a client for ever; its secrets and keys end with it."""
    return await doing(ClientAction.CLOSE)

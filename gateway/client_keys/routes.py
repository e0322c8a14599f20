"""Public keys of clients, looked after by their holders."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, PreconditionFailed, ValidationFailed
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.parameters import PathName
from chassis.tools import Sealing
from chassis.versions import IfMatchIfSent
from gateway.client_keys import hearing, service
from gateway.client_keys.errors import (
    KeyKnown,
    KeysAtAddress,
    KidTaken,
    NoKeyAddress,
    TwoKeysAlready,
)
from gateway.client_keys.repository import ClientKeys
from gateway.client_keys.schemas import KeyList, KeyRead, KeyRevocation, KeyWrite, RefreshWrite
from gateway.clients.errors import OtherProofExpected
from gateway.clients.repository import Clients
from gateway.clients.service import in_control
from gateway.issuer.models import Client
from gateway.plane.callers import Known
from gateway.users.errors import BeyondYourRights

router = APIRouter(prefix="/v1", tags=["clients"])
_REFUSALS = (
    NotFound,
    ValidationFailed,
    PreconditionFailed,
    IllegalTransition,
    BeyondYourRights,
)


async def _in_control(session: Session, caller: Known, id: PathName) -> Client:
    return in_control(await Clients(session).get(id), caller)


async def _issuer(request: Request) -> str:
    return str(request.app.state.settings.public_url)


InControl = Annotated[Client, Depends(_in_control)]
IssuerName = Annotated[str, Depends(_issuer)]


@router.get("/clients/{id}/keys", responses=problems(NotFound))
async def list_keys(session: Session, _: Known, client: InControl) -> KeyList:
    """Every key of the client, also those that have ended: what they signed can be checked."""
    rows = await ClientKeys(session).of(client.id)
    return KeyList(items=[KeyRead.model_validate(row) for row in rows])


@router.post(
    "/clients/{id}/keys",
    status_code=201,
    response_model=KeyRead,
    responses=problems(
        *_REFUSALS, KeyKnown, KidTaken, TwoKeysAlready, KeysAtAddress, OtherProofExpected
    ),
)
async def add_key(
    session: Session,
    by: Known,
    client: InControl,
    act: Act,
    said: Annotated[KeyWrite, Json(KeyWrite)],
    version: IfMatchIfSent,
    issuer: IssuerName,
    vault: Sealing,
) -> Response:
    """Upload a public key with the proof that you hold its private half; two may be active.

    The client does this itself, with a token that its present key obtained; for its first key
    somebody who manages it does.
    """
    key = await service.upload(
        session, client, said, version=version, by=by, issuer=issuer, vault=vault
    )
    headers = {"Location": f"/v1/clients/{client.id}/keys"}
    return await act.answer(201, KeyRead.model_validate(key), headers=headers)


@router.post(
    "/clients/{id}/key-revocations",
    status_code=201,
    response_model=KeyRead,
    responses=problems(*_REFUSALS, OtherProofExpected),
)
async def revoke_key(
    session: Session,
    by: Known,
    client: InControl,
    act: Act,
    said: Annotated[KeyRevocation, Json(KeyRevocation)],
    version: IfMatchIfSent,
) -> Response:
    """End a key, now or at a date that is not later than the one it has."""
    key = await service.revoke(session, client, said, version=version, by=by)
    return await act.answer(201, KeyRead.model_validate(key))


@router.post(
    "/clients/{id}/key-refreshes",
    status_code=201,
    response_model=KeyList,
    responses=problems(NotFound, IllegalTransition, NoKeyAddress),
)
async def refresh_keys(
    session: Session,
    by: Known,
    client: InControl,
    act: Act,
    _: Annotated[RefreshWrite, Json(RefreshWrite)],
) -> Response:
    """Have the client's key address read within seconds instead of minutes."""
    await hearing.ask(session, client.id, by=by)
    rows = await ClientKeys(session).of(client.id)
    return await act.answer(201, KeyList(items=[KeyRead.model_validate(row) for row in rows]))

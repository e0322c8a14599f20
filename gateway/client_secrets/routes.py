"""The secrets of clients: shown once, two good at a time, ended at a date."""

from typing import Annotated

from fastapi import APIRouter, Response

from chassis import clock
from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import NotFound
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.tools import Sealing
from chassis.versions import IfMatchIfSent
from gateway.clients import proofs
from gateway.clients.errors import OtherProofExpected, TwoSecretsAlready
from gateway.clients.repository import Clients
from gateway.clients.routes import REFUSALS, Managed, headers_of
from gateway.clients.schemas import (
    SecretCreated,
    SecretList,
    SecretRead,
    SecretRevocation,
    SecretWrite,
)
from gateway.plane.callers import Steward

router = APIRouter(prefix="/v1", tags=["clients"])


@router.get("/clients/{id}/secrets", responses=problems(NotFound))
async def list_secrets(session: Session, _: Steward, client: Managed) -> SecretList:
    """The secrets that are good, by name and date; none is ever shown again."""
    rows = await Clients(session).secrets_at(client.id, clock.now())
    return SecretList(items=[SecretRead.model_validate(row) for row in rows])


@router.post(
    "/clients/{id}/secrets",
    status_code=201,
    response_model=SecretCreated,
    responses=problems(*REFUSALS, TwoSecretsAlready, OtherProofExpected),
)
async def rotate_secret(
    session: Session,
    by: Steward,
    client: Managed,
    act: Act,
    said: Annotated[SecretWrite, Json(SecretWrite)],
    version: IfMatchIfSent,
    vault: Sealing,
) -> Response:
    """A new secret, shown here once; the present one stays good until a date."""
    done, kept, plain = await proofs.rotate(session, client.id, said, version=version, by=by)
    read = SecretCreated(**kept.model_dump(), client_secret=plain)
    return await act.answer(201, read, headers=headers_of(done), vault=vault)


@router.post(
    "/clients/{id}/secret-revocations",
    status_code=201,
    response_model=SecretRead,
    responses=problems(*REFUSALS, OtherProofExpected),
)
async def revoke_secret(
    session: Session,
    by: Steward,
    client: Managed,
    act: Act,
    said: Annotated[SecretRevocation, Json(SecretRevocation)],
    version: IfMatchIfSent,
) -> Response:
    """End a secret, now or at a date that is not later than the one it has."""
    done, secret = await proofs.revoke(session, client.id, said, version=version, by=by)
    return await act.answer(201, SecretRead.model_validate(secret), headers=headers_of(done))

"""Delegations: groups that enrol together, and leave together or one by one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, NotYetKnown, ValidationFailed
from chassis.fields import Id
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.tools import Sealing
from chassis.versions import IfMatchIfSent, etag
from services.training.delegations import service
from services.training.delegations.schemas import DelegationRead, DelegationWrite, WithdrawalWrite
from services.training.enrolments.errors import (
    AlreadyEnrolled,
    DelegationIndivisible,
    RegistrationClosed,
    SeatsReserved,
    SessionFull,
    SessionHasBegun,
    WaitlistFull,
)
from services.training.enrolments.models import Delegation, Enrolment
from services.training.enrolments.repository import Delegations, Enrolments
from services.training.enrolments.schemas import SeatRead
from services.training.scopes import ENROL, Enroller, Reader

router = APIRouter(prefix="/v1", tags=["delegations"])


async def _delegation(session: Session, by: Enroller, id: PathId) -> Delegation:
    return await Delegations(session).one_in_view(id, by, ENROL)


async def _enrolment(session: Session, by: Enroller, id: PathId) -> Enrolment:
    return await Enrolments(session).one_in_view(id, by, ENROL)


@router.post(
    "/delegations",
    status_code=201,
    response_model=DelegationRead,
    responses=problems(
        NotFound,
        NotYetKnown,
        RegistrationClosed,
        AlreadyEnrolled,
        SessionFull,
        DelegationIndivisible,
        SeatsReserved,
        WaitlistFull,
        ValidationFailed,
    ),
)
async def enrol_delegation(
    session: Session,
    by: Enroller,
    vault: Sealing,
    act: Act,
    wish: Annotated[DelegationWrite, Json(DelegationWrite)],
) -> Response:
    """Enrol a group: all its members or none, unless it asked for as many as there are places."""
    delegation, members = await service.enrol(session, wish, vault=vault, by=by)
    read = DelegationRead.of(delegation, members)
    headers = {"Location": f"/v1/delegations/{read.id}", "ETag": etag(read.version)}
    return await act.answer(201, read, headers=headers)


@router.get("/delegations")
async def list_delegations(
    session: Session,
    caller: Reader,
    window: List,
    response: Response,
    training_session_id: Annotated[Id | None, Query()] = None,
    cooperative_id: Annotated[Id | None, Query()] = None,
) -> Page[DelegationRead]:
    """The groups of your organisation, those that granted you a look, those of your sessions or of
    your territory."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Delegations(session).in_view(
        caller,
        session_id=training_session_id,
        cooperative_id=cooperative_id,
        after=after,
        limit=window.limit,
    )
    members = await Enrolments(session).of_delegations([row.id for row in rows])
    reads = [
        DelegationRead.of(row, [m for m in members if m.delegation_id == row.id]) for row in rows
    ]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/delegations/{id}", responses=problems(NotFound))
async def read_delegation(
    session: Session, caller: Reader, id: PathId, response: Response
) -> DelegationRead:
    """One group and the places of its members."""
    delegation = await Delegations(session).one_in_view(id, caller)
    read = DelegationRead.of(delegation, await Enrolments(session).of_delegation(id))
    response.headers["ETag"] = etag(read.version)
    return read


@router.post(
    "/delegations/{id}/withdrawals",
    status_code=201,
    response_model=DelegationRead,
    responses=problems(NotFound, IllegalTransition, SessionHasBegun),
)
async def withdraw_delegation(
    session: Session,
    by: Enroller,
    thing: Annotated[Delegation, Depends(_delegation)],
    act: Act,
    why: Annotated[WithdrawalWrite, Json(WithdrawalWrite)],
    version: IfMatchIfSent,
) -> Response:
    """The whole group leaves before the first slot; its seats go to those who wait."""
    delegation, members = await service.withdraw_delegation(
        session, thing.id, version=version, reason=why.reason, by=by
    )
    read = DelegationRead.of(delegation, members)
    return await act.answer(201, read, headers={"ETag": etag(read.version)})


@router.post(
    "/enrolments/{id}/withdrawals",
    status_code=201,
    response_model=SeatRead,
    responses=problems(NotFound, IllegalTransition, SessionHasBegun),
)
async def withdraw_enrolment(
    session: Session,
    by: Enroller,
    thing: Annotated[Enrolment, Depends(_enrolment)],
    act: Act,
    why: Annotated[WithdrawalWrite, Json(WithdrawalWrite)],
    version: IfMatchIfSent,
) -> Response:
    """One learner leaves before the first slot; the seat goes to those who wait."""
    enrolment = await service.withdraw_enrolment(
        session, thing.id, version=version, reason=why.reason, by=by
    )
    read = SeatRead.model_validate(enrolment)
    return await act.answer(201, read, headers={"ETag": etag(enrolment.version)})

"""Financings: what was contracted, paid out and paid back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.bodies import Json, RawBody
from chassis.db import Session, hold
from chassis.errors import IllegalTransition, NotFound, ValidationFailed
from chassis.fields import Id
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import IfMatchIfSent, etag
from services.financing.ceilings.errors import CeilingUnavailable
from services.financing.decisions.errors import AcceptedTermsProtected
from services.financing.eligibility.errors import CooperativeNotActive, EligibilityStale
from services.financing.errors import FourEyes
from services.financing.financings import reports, service
from services.financing.financings.errors import (
    DisbursementExceedsApproved,
    DisbursementRefConflict,
    RepaymentRefConflict,
)
from services.financing.financings.models import Financing, FinancingSchedule
from services.financing.financings.repository import Financings
from services.financing.financings.schemas import (
    ContractWrite,
    DisbursementRead,
    DisbursementWrite,
    FinancingRead,
    FinancingSummary,
    RepaymentRead,
    RepaymentWrite,
    ScheduleVersion,
)
from services.financing.financings.states import LIFE, Status
from services.financing.scopes import FinancingReader, LenderReporter

router = APIRouter(prefix="/v1", tags=["financings"])
Paid = Annotated[DisbursementWrite, Json(DisbursementWrite)]
Repaid = Annotated[RepaymentWrite, Json(RepaymentWrite)]
_ELIGIBILITY = problems(NotFound, IllegalTransition, CooperativeNotActive, EligibilityStale)


def _recovered(model: Any) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model, "description": "the same reference under another key"}}


async def _in_view(session: Session, caller: FinancingReader, id: PathId) -> Financing:
    return await Financings(session).one_in_view(id, caller)


async def _own(session: Session, lender: LenderReporter, id: PathId) -> Financing:
    return await Financings(session).one_reported_by(id, lender.id)


FinancingInView = Annotated[Financing, Depends(_in_view)]
OwnFinancing = Annotated[Financing, Depends(_own)]


def _read(financing: Financing, schedule: FinancingSchedule | None) -> FinancingRead:
    return FinancingRead(
        **FinancingSummary.model_validate(financing).model_dump(),
        terms=financing.terms,
        schedule=ScheduleVersion.model_validate(schedule) if schedule else None,
        allowed_actions=[action.value for action in LIFE.allowed(financing.status)],
    )


def _headers(financing: Financing) -> dict[str, str]:
    return {"Location": f"/v1/financings/{financing.id}", "ETag": etag(financing.version)}


@router.get("/financings")
async def list_financings(
    session: Session,
    caller: FinancingReader,
    window: List,
    response: Response,
    status: Annotated[Status | None, Query()] = None,
    cooperative_id: Annotated[Id | None, Query()] = None,
) -> Page[FinancingSummary]:
    """Those of your cooperative, of cooperatives that granted you `financing:apply`, of your
    institution, or of your territory."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Financings(session).in_view(
        caller,
        after=after,
        limit=window.limit,
        status=status,
        cooperative_id=cooperative_id,
    )
    reads = [FinancingSummary.model_validate(row) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/financings/{id}", responses=problems(NotFound))
async def read_financing(
    session: Session, _: FinancingReader, financing: FinancingInView, response: Response
) -> FinancingRead:
    """One financing with its current repayment schedule."""
    response.headers["ETag"] = etag(financing.version)
    return _read(financing, await Financings(session).schedule(financing.id))


@router.post(
    "/financings/{id}/contracts",
    status_code=201,
    response_model=FinancingRead,
    responses=_ELIGIBILITY
    | problems(AcceptedTermsProtected, IllegalTransition, FourEyes, ValidationFailed)
    | problems(EligibilityStale, CeilingUnavailable),
)
async def contract_financing(
    session: Session,
    _: LenderReporter,
    financing: OwnFinancing,
    act: Act,
    said: Annotated[ContractWrite, Json(ContractWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Report the signed contract: terms no worse than accepted, lawful on the day of signature."""
    changed, schedule = await service.contract(session, financing, said, version=version)
    return await act.answer(201, _read(changed, schedule), headers=_headers(changed))


async def _not_yet_paid(
    session: Session, lender: LenderReporter, financing: OwnFinancing, raw: RawBody, said: Paid
) -> None:
    await hold(session, f"disbursement/{lender.id}/{said.external_ref}")
    known = await Financings(session).disbursement(lender.id, said.external_ref)
    reports.replay(known, financing.id, raw, DisbursementRefConflict)


@router.post(
    "/financings/{id}/disbursements",
    status_code=201,
    response_model=DisbursementRead,
    responses=_recovered(DisbursementRead)
    | _ELIGIBILITY
    | problems(
        DisbursementExceedsApproved, DisbursementRefConflict, IllegalTransition, ValidationFailed
    ),
)
async def report_disbursement(
    session: Session,
    by: LenderReporter,
    financing: OwnFinancing,
    raw: RawBody,
    act: Act,
    said: Paid,
    _: Annotated[None, Depends(_not_yet_paid)],
    version: IfMatchIfSent,
) -> Response:
    """Report money paid out; the schedule is made anew for the real day once all is drawn."""
    changed, schedule = await service.disburse(session, financing, said, version=version)
    read = reports.keep_disbursement(session, changed, said, schedule=schedule, raw=raw, by=by)
    return await act.answer(201, read, headers=_headers(changed))


async def _not_yet_repaid(
    session: Session, lender: LenderReporter, financing: OwnFinancing, raw: RawBody, said: Repaid
) -> None:
    await hold(session, f"repayment/{lender.id}/{said.external_ref}")
    known = await Financings(session).repayment(lender.id, said.external_ref)
    reports.replay(known, financing.id, raw, RepaymentRefConflict)


@router.post(
    "/financings/{id}/repayments",
    status_code=201,
    response_model=RepaymentRead,
    responses=_recovered(RepaymentRead)
    | problems(NotFound, RepaymentRefConflict, IllegalTransition, ValidationFailed),
)
async def report_repayment(
    session: Session,
    by: LenderReporter,
    financing: OwnFinancing,
    raw: RawBody,
    act: Act,
    said: Repaid,
    _: Annotated[None, Depends(_not_yet_repaid)],
    version: IfMatchIfSent,
) -> Response:
    """Report money paid back: it pays the oldest instalment first; the last franc closes."""
    changed, paid = await service.repay(session, financing, said, version=version)
    read = reports.keep_repayment(session, changed, said, paid=paid, raw=raw, by=by)
    return await act.answer(201, read, headers=_headers(changed))

"""What lenders report, once: the same reference sent again gets the first answer."""

from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from chassis import clock
from chassis.canonical import fingerprint
from chassis.errors import Conflict
from chassis.idempotency import Replayed
from chassis.ids import new_id
from services.financing.events import FinancingContracted, FinancingDisbursed
from services.financing.financings.models import (
    Disbursement,
    Financing,
    FinancingSchedule,
    Repayment,
)
from services.financing.financings.schemas import (
    Allocated,
    DisbursementRead,
    DisbursementWrite,
    RepaymentRead,
    RepaymentWrite,
    ScheduleVersion,
)
from services.financing.scopes import ActingLender


def replay(
    known: Disbursement | Repayment | None,
    financing_id: UUID,
    raw: bytes,
    conflict: type[Conflict],
) -> None:
    """Answer again what was reported before (200), or refuse another content."""
    if known is None:
        return
    if known.fingerprint != fingerprint(raw) or known.financing_id != financing_id:
        raise conflict(financing_id=str(known.financing_id))
    headers = {
        "Location": f"/v1/financings/{known.financing_id}",
        "Idempotency-Replayed": "true",
    }
    raise Replayed(Response(known.answer, 200, headers, "application/json"))


def keep_disbursement(
    session: AsyncSession,
    financing: Financing,
    said: DisbursementWrite,
    *,
    schedule: FinancingSchedule | None,
    raw: bytes,
    by: ActingLender,
) -> DisbursementRead:
    """Write the report down with its answer."""
    id = new_id()
    read = DisbursementRead(
        **said.model_dump(),
        disbursement_id=id,
        financing_id=financing.id,
        disbursed_xof=financing.disbursed_xof,
        left_xof=financing.approved_xof - financing.disbursed_xof,
        financing_status=financing.status,
        schedule=ScheduleVersion.model_validate(schedule) if schedule else None,
    )
    row = Disbursement(
        **said.model_dump(),
        id=id,
        financing_id=financing.id,
        lender_id=by.id,
        reported_at=clock.now(),
        reported_by=by.sub,
        fingerprint=fingerprint(raw),
        answer=read.model_dump_json().encode(),
    )
    session.add(row)
    return read


def keep_repayment(
    session: AsyncSession,
    financing: Financing,
    said: RepaymentWrite,
    *,
    paid: list[dict[str, int]],
    raw: bytes,
    by: ActingLender,
) -> RepaymentRead:
    """Write the report down with its answer."""
    id = new_id()
    read = RepaymentRead(
        **said.model_dump(),
        repayment_id=id,
        financing_id=financing.id,
        allocation=[Allocated.model_validate(part) for part in paid],
        left_xof=financing.due_xof - financing.paid_xof,
        financing_status=financing.status,
    )
    row = Repayment(
        **said.model_dump(),
        id=id,
        financing_id=financing.id,
        lender_id=by.id,
        allocation=paid,
        reported_at=clock.now(),
        reported_by=by.sub,
        fingerprint=fingerprint(raw),
        answer=read.model_dump_json().encode(),
    )
    session.add(row)
    return read


def contracted(financing: Financing, signed_on: date) -> FinancingContracted:
    """The fact of a contract."""
    return FinancingContracted(
        financing_id=financing.id,
        application_id=financing.application_id,
        cooperative_id=financing.cooperative_id,
        lender_id=financing.lender_id,
        signed_on=signed_on,
    )


def disbursed(financing: Financing, said: DisbursementWrite) -> FinancingDisbursed:
    """The fact of a disbursement."""
    return FinancingDisbursed(
        financing_id=financing.id,
        application_id=financing.application_id,
        cooperative_id=financing.cooperative_id,
        lender_id=financing.lender_id,
        amount_xof=said.amount_xof,
        disbursed_on=said.disbursed_on,
        is_fully_drawn=financing.disbursed_xof == financing.approved_xof,
    )

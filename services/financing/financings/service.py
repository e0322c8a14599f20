"""What happens to a financing: contracted, paid out, paid back. Reads like minutes."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from chassis import clock
from chassis.bodies import check
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.versions import expect
from services.financing.applications.models import Application
from services.financing.applications.repository import Applications
from services.financing.applications.states import LIFE as APPLICATION
from services.financing.applications.states import Action as OfApplication
from services.financing.dates import legal_date
from services.financing.decisions.errors import AcceptedTermsProtected
from services.financing.eligibility import service as eligibility
from services.financing.eligibility.rules import Stage
from services.financing.errors import FourEyes
from services.financing.events import outbox
from services.financing.financings import reports
from services.financing.financings.errors import DisbursementExceedsApproved
from services.financing.financings.models import Financing, FinancingSchedule
from services.financing.financings.repository import Financings
from services.financing.financings.rules import allocate, total_due
from services.financing.financings.schemas import (
    ContractWrite,
    DisbursementWrite,
    RepaymentWrite,
)
from services.financing.financings.states import LIFE, Action
from services.financing.lenders.repository import Lenders
from services.financing.offers import service as offers
from services.financing.offers.repository import Offers
from services.financing.offers.states import Action as OfOffer
from services.financing.products.repository import Products
from services.financing.terms.rules import cost_of, is_no_worse
from services.financing.terms.schemas import Computed, Terms
from services.financing.terms.service import computed, lawful, priced


async def _under_lock(
    session: AsyncSession, financing: Financing, version: int | None
) -> tuple[Application, Financing]:
    application_id, id = financing.application_id, financing.id
    await hold(session, f"application/{application_id}", f"financing/{id}")
    application = await Applications(session).lock(application_id)
    financing = await Financings(session).lock(id)
    expect(version, financing.version)
    return application, financing


async def _vouch(session: AsyncSession, financing: Financing, stage: Stage) -> None:
    product = await Products(session).get(financing.product_code)
    await eligibility.vouch(session, financing.cooperative_id, product, stage=stage)


async def contract(
    session: AsyncSession, financing: Financing, said: ContractWrite, *, version: int | None
) -> tuple[Financing, FinancingSchedule]:
    """Lender and cooperative signed: terms no worse than accepted, lawful on the day they signed
    (the rate is stipulated then), and the first schedule."""
    application, financing = await _under_lock(session, financing, version)
    status = LIFE.move(financing.status, Action.CONTRACT)
    if said.prepared_by.id == said.approved_by.id:
        raise FourEyes()
    await _vouch(session, financing, Stage.CONTRACT)
    accepted = check(Terms, financing.terms)
    terms = said.terms or accepted
    reckoning = await _lawful_on(session, application, financing, terms, on=said.signed_on)
    if not is_no_worse(terms, accepted):
        raise AcceptedTermsProtected(current_status=financing.status.value)
    financing.status, financing.terms = status, terms.model_dump(mode="json")
    financing.approved_xof = terms.principal_xof
    financing.contract_ref, financing.signed_on = said.contract_ref, said.signed_on
    application.status = APPLICATION.move(application.status, OfApplication.CONTRACT)
    application.version += 1
    schedule = await _reschedule(session, financing, terms, reckoning, reason="CONTRACT")
    outbox.publish(session, financing.id, reports.contracted(financing, said.signed_on))
    return financing, schedule


async def _lawful_on(
    session: AsyncSession,
    application: Application,
    financing: Financing,
    terms: Terms,
    *,
    on: date,
) -> Computed:
    cost, found = priced(terms)
    found += _date_findings("/signed_on", on, legal_date(financing.accepted_at))
    most = application.amount_requested_xof
    if terms.principal_xof > most:
        params = {"max": most, "actual": terms.principal_xof}
        pointer = "/terms/principal_xof"
        found.append(Finding(code="AMOUNT_ABOVE_REQUEST", pointer=pointer, params=params))
    if cost is None:
        raise ValidationFailed(findings=found)
    lender = await Lenders(session).get(financing.lender_id)
    ceiling, usury = await lawful(session, cost, lender, on)
    if found or usury:
        raise ValidationFailed(findings=[*found, *usury])
    return computed(cost, ceiling, on)


def _date_findings(pointer: str, on: date, earliest: date) -> Iterator[Finding]:
    if on > clock.today():
        yield Finding(code="DATE_IN_FUTURE", pointer=pointer)
    if on < earliest:
        params = {"earliest": earliest.isoformat()}
        yield Finding(code="DATE_TOO_EARLY", pointer=pointer, params=params)


async def _reschedule(
    session: AsyncSession, financing: Financing, terms: Terms, reckoning: Computed, *, reason: str
) -> FinancingSchedule:
    """A new version of the schedule; the one before is kept, but no longer current."""
    before = await Financings(session).schedule(financing.id)
    if before is not None:
        before.is_current = False
        await session.flush()
    content = reckoning.model_dump(mode="json")
    financing.due_xof = total_due(content["installments"])
    financing.version += 1
    schedule = FinancingSchedule(
        id=new_id(),
        financing_id=financing.id,
        number=before.number + 1 if before else 1,
        reason=reason,
        disbursed_on=terms.disbursed_on,
        computed=content,
        made_at=clock.now(),
    )
    session.add(schedule)
    return schedule


async def disburse(
    session: AsyncSession,
    financing: Financing,
    said: DisbursementWrite,
    *,
    version: int | None = None,
) -> tuple[Financing, FinancingSchedule | None]:
    """The lender paid out. Never more than contracted; once all is drawn, the schedule is made
    anew for the real day."""
    _, financing = await _under_lock(session, financing, version)
    left = financing.approved_xof - financing.disbursed_xof - said.amount_xof
    action = Action.COMPLETE_DISBURSEMENT if left == 0 else Action.DISBURSE
    status = LIFE.move(financing.status, action)
    await _vouch(session, financing, Stage.DISBURSEMENT)
    if left < 0:
        raise DisbursementExceedsApproved(
            left_xof=left + said.amount_xof,
            approved_xof=financing.approved_xof,
            current_status=financing.status.value,
        )
    signed_on = financing.signed_on or said.disbursed_on
    if found := list(_date_findings("/disbursed_on", said.disbursed_on, signed_on)):
        raise ValidationFailed(findings=found)
    financing.status = status
    financing.disbursed_xof += said.amount_xof
    financing.version += 1
    schedule = await _draw(session, financing, said.disbursed_on) if left == 0 else None
    outbox.publish(session, financing.id, reports.disbursed(financing, said))
    return financing, schedule


async def _draw(session: AsyncSession, financing: Financing, on: date) -> FinancingSchedule:
    agreed = check(Terms, financing.terms)
    first = agreed.first_due_on
    keeps_first = first is not None and first > on
    real = agreed.model_copy(
        update={"disbursed_on": on, "first_due_on": first if keeps_first else None}
    )
    lender = await Lenders(session).get(financing.lender_id)
    stipulated = financing.signed_on or on
    ceiling, _ = await lawful(session, cost_of(agreed), lender, stipulated)
    reckoning = computed(cost_of(real), ceiling, stipulated)
    return await _reschedule(session, financing, real, reckoning, reason="DISBURSEMENT")


async def repay(
    session: AsyncSession, financing: Financing, said: RepaymentWrite, *, version: int | None
) -> tuple[Financing, list[dict[str, int]]]:
    """The cooperative paid back; the last franc closes the financing."""
    _, financing = await _under_lock(session, financing, version)
    status = LIFE.move(financing.status, Action.REPAY)
    schedule = await Financings(session).schedule(financing.id)
    content: dict[str, Any] = schedule.computed if schedule else {"installments": []}
    left = financing.due_xof - financing.paid_xof
    earliest = schedule.disbursed_on if schedule else said.paid_on
    found = list(_date_findings("/paid_on", said.paid_on, earliest))
    if said.amount_xof > left:
        params = {"left_xof": left}
        found.append(Finding(code="OVERPAYMENT", pointer="/amount_xof", params=params))
    if found:
        raise ValidationFailed(findings=found)
    paid = allocate(content["installments"], financing.paid_xof, said.amount_xof)
    is_last = said.amount_xof == left
    financing.status = LIFE.move(status, Action.CLOSE) if is_last else status
    financing.paid_xof += said.amount_xof
    financing.version += 1
    return financing, paid


async def cancel(session: AsyncSession, financing: Financing) -> None:
    """The contract will not come: the financing ends, and its offer lapses for good. The
    application and the financing are held."""
    financing.status = LIFE.move(financing.status, Action.CANCEL)
    financing.version += 1
    offer = await Offers(session).locked(financing.offer_id)
    offers.end(offer, OfOffer.LAPSE)

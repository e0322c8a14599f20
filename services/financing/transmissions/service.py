"""An eligible application goes to lenders."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.versions import expect
from services.financing.applications.models import ActKind, Application
from services.financing.applications.repository import Applications
from services.financing.applications.service import act
from services.financing.applications.states import LIFE, Action
from services.financing.assignments.models import Assignment
from services.financing.assignments.repository import Assignments
from services.financing.assignments.states import Status
from services.financing.dates import working_days_after
from services.financing.events import ApplicationTransmitted, outbox
from services.financing.lenders.models import Lender, LenderStatus
from services.financing.lenders.repository import Lenders
from services.financing.products.models import FinancingProduct
from services.financing.products.repository import Products
from services.financing.transmissions.errors import RoundsExhausted


async def transmit(
    session: AsyncSession,
    id: UUID,
    lender_ids: Sequence[UUID],
    *,
    by: Caller,
    version: int | None = None,
) -> tuple[Application, list[Assignment]]:
    """Each lender gets its own copy of the dossier and its own clock."""
    application = await Applications(session).lock(id)
    expect(version, application.version)
    status = LIFE.move(application.status, Action.TRANSMIT)
    product = await Products(session).get(application.product_code)
    if application.round >= product.max_rounds:
        raise RoundsExhausted(max=product.max_rounds)
    lenders = await Lenders(session).known(lender_ids)
    asked = await Assignments(session).of_application(id)
    wrong = [*_consents(application), *_unfit(lender_ids, lenders, product, asked)]
    if wrong:
        raise ValidationFailed(findings=wrong)
    application.status = status
    application.round += 1
    sent = [_assignment(application, lender_id, product) for lender_id in lender_ids]
    session.add_all(sent)
    names = sorted(str(lender_id) for lender_id in lender_ids)
    act(session, application, ActKind.TRANSMISSION, by=by.sub, lender_ids=names)
    outbox.publish(session, id, _transmitted(application, len(sent)))
    return application, sent


def _consents(application: Application) -> Iterator[Finding]:
    """Law 2014-02 for the credit bureau; a second round needs consent of its own."""
    wanted = ["bic", "data_sharing", *(["reassignment"] if application.round else [])]
    for name in wanted:
        if not application.consents.get(name):
            yield Finding(code="CONSENT_MISSING", pointer="", params={"consent": name})


def _unfit(
    ids: Sequence[UUID],
    lenders: Mapping[UUID, Lender],
    product: FinancingProduct,
    asked: Sequence[Assignment],
) -> Iterator[Finding]:
    """Only lenders who take part, of the product's categories, once, and not twice refused."""
    refused = {
        assignment.lender_id
        for assignment in asked
        if assignment.status is Status.DECLINED or assignment.outcome == "REJECT"
    }
    for number, id in enumerate(ids):
        lender = lenders.get(id)
        is_fit = (
            lender is not None
            and lender.status is LenderStatus.ACTIVE
            and lender.category.value in product.lender_categories
            and id not in refused
            and id not in ids[:number]
        )
        if not is_fit:
            yield Finding(code="LENDER_NOT_ELIGIBLE", pointer=f"/lender_ids/{number}")


def _assignment(application: Application, lender_id: UUID, product: FinancingProduct) -> Assignment:
    now = clock.now()
    dossier, sha256 = application.studied
    return Assignment(
        id=new_id(),
        application_id=application.id,
        lender_id=lender_id,
        round=application.round,
        dossier=dossier,
        dossier_sha256=sha256,
        sent_at=now,
        ack_due_at=working_days_after(now, product.ack_days),
        decision_due_at=working_days_after(now, product.decision_days),
    )


def _transmitted(application: Application, count: int) -> ApplicationTransmitted:
    return ApplicationTransmitted(
        application_id=application.id,
        cooperative_id=application.cooperative_id,
        round=application.round,
        lenders_count=count,
    )

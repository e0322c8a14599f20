"""What happens to an application until lenders see it. Reads like minutes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_code, new_id
from chassis.patches import merged
from chassis.versions import expect
from services.financing.applications.dossiers import compose
from services.financing.applications.errors import AppealExpired
from services.financing.applications.models import ActKind, Application, ApplicationAct
from services.financing.applications.repository import Applications
from services.financing.applications.rules import findings
from services.financing.applications.schemas import (
    AppealWrite,
    ApplicationEdit,
    ApplicationWrite,
    EligibilityDecisionWrite,
    EligibilityOutcome,
    ReviewOutcome,
    ReviewWrite,
    Wish,
)
from services.financing.applications.states import LIFE, Action, Status
from services.financing.eligibility import service as eligibility
from services.financing.eligibility.rules import Stage, broken
from services.financing.errors import FourEyes
from services.financing.events import ApplicationSubmitted, outbox
from services.financing.products.repository import Products

CORRECTION_DAYS = 30
APPEAL_DAYS = 30


def wish_of(application: Application) -> Wish:
    """What the application asks for, as its rules see it."""
    return check(Wish, application.model_dump(mode="json", include=set(Wish.model_fields)))


def act(
    session: AsyncSession, application: Application, kind: ActKind, *, by: str, **said: Any
) -> None:
    """Write down who did what; every act makes a new version."""
    application.version += 1
    session.add(
        ApplicationAct(
            id=new_id(),
            application_id=application.id,
            kind=kind,
            by_sub=by,
            at=clock.now(),
            said=said,
        )
    )


async def draft(session: AsyncSession, wish: ApplicationWrite, *, by: Caller) -> Application:
    """A cooperative begins to ask."""
    cooperative = await eligibility.own(session, wish.cooperative_id, by=by)
    if await Products(session).find(wish.product_code) is None:
        finding = Finding(code="PRODUCT_UNKNOWN", pointer="/product_code")
        raise ValidationFailed(findings=[finding])
    application = Application(
        **_columns(wish),
        id=new_id(),
        reference=new_code("F"),
        cooperative_id=cooperative.id,
        organisation_id=cooperative.organisation_id,
        path=cooperative.path,
        product_code=wish.product_code,
        created_by=by.sub,
        created_at=clock.now(),
    )
    return Applications(session).add(application)


def _columns(wish: Wish) -> dict[str, Any]:
    plain = wish.model_dump(include=set(Wish.model_fields))
    in_json = wish.model_dump(mode="json", include={"campaign", "ag_resolution", "consents"})
    return plain | in_json | {"purpose_key": " ".join(wish.purpose.casefold().split())}


async def edit(
    session: AsyncSession, id: UUID, changes: ApplicationEdit, *, version: int
) -> Application:
    """Change a draft, or a file that came back."""
    application = await Applications(session).lock(id)
    expect(version, application.version)
    is_back = application.status is Status.CHANGES_REQUESTED
    application.status = LIFE.move(application.status, Action.CORRECT if is_back else Action.EDIT)
    now = wish_of(application).model_dump(mode="json")
    patch = changes.model_dump(mode="json", exclude_unset=True)
    for name, value in _columns(check(Wish, merged(now, patch))).items():
        setattr(application, name, value)
    application.version += 1
    return application


async def submit(
    session: AsyncSession, id: UUID, *, by: Caller, version: int | None = None
) -> Application:
    """File it: every rule is asked at once, and what lenders will study is fixed."""
    application = await Applications(session).lock(id)
    expect(version, application.version)
    status = LIFE.move(application.status, Action.SUBMIT)
    product = await Products(session).get(application.product_code)
    cooperative = await eligibility.known(session, application.cooperative_id)
    facts = await eligibility.facts_about(session, cooperative, product)
    missed = [eligibility.finding(*each) for each in broken(facts, Stage.SUBMISSION)]
    wrong = [*missed, *findings(wish_of(application), product, facts.today)]
    if wrong:
        raise ValidationFailed(findings=wrong)
    application.status = status
    application.submitted_at = clock.now()
    application.corrections_due_at = None
    application.dossier, application.dossier_sha256 = compose(application, facts)
    act(session, application, ActKind.SUBMISSION, by=by.sub, sha256=application.dossier_sha256)
    outbox.publish(
        session,
        id,
        ApplicationSubmitted(
            application_id=id, cooperative_id=cooperative.id, product_code=product.code
        ),
    )
    return application


async def review(
    session: AsyncSession,
    id: UUID,
    said: ReviewWrite,
    *,
    by: Caller,
    version: int | None = None,
) -> Application:
    """An officer reads: complete, or sent back with what to change."""
    applications = Applications(session)
    application = await applications.lock(id)
    expect(version, application.version)
    is_complete = said.outcome is ReviewOutcome.COMPLETE
    action = Action.FIND_COMPLETE if is_complete else Action.REQUEST_CHANGES
    status = LIFE.move(application.status, action)
    if by.sub in await applications.hands(id, ActKind.SUBMISSION, ActKind.ELIGIBILITY_DECISION):
        raise FourEyes()
    if not is_complete and not said.remarks:
        raise ValidationFailed(findings=[Finding(code="REMARKS_REQUIRED", pointer="/remarks")])
    application.status = status
    if not is_complete:
        application.corrections_due_at = clock.now() + timedelta(days=CORRECTION_DAYS)
    act(session, application, ActKind.REVIEW, by=by.sub, **said.model_dump(mode="json"))
    return application


async def decide(
    session: AsyncSession,
    id: UUID,
    said: EligibilityDecisionWrite,
    *,
    by: Caller,
    version: int,
) -> Application:
    """A second officer decides; nobody who had the file in hand before."""
    applications = Applications(session)
    application = await applications.lock(id)
    expect(version, application.version)
    is_eligible = said.outcome is EligibilityOutcome.ELIGIBLE
    action = Action.FIND_ELIGIBLE if is_eligible else Action.FIND_NOT_ELIGIBLE
    status = LIFE.move(application.status, action)
    before = (ActKind.SUBMISSION, ActKind.REVIEW, ActKind.ELIGIBILITY_DECISION)
    if by.sub in await applications.hands(id, *before):
        raise FourEyes()
    if is_eligible == bool(said.reasons):
        raise ValidationFailed(findings=[Finding(code="REASONS_REQUIRED", pointer="/reasons")])
    application.status = status
    said_as_json = said.model_dump(mode="json")
    act(session, application, ActKind.ELIGIBILITY_DECISION, by=by.sub, **said_as_json)
    return application


async def appeal(
    session: AsyncSession,
    id: UUID,
    said: AppealWrite,
    *,
    by: Caller,
    version: int | None = None,
) -> Application:
    """The cooperative asks once, within thirty days, that other officers look again."""
    applications = Applications(session)
    application = await applications.lock(id)
    expect(version, application.version)
    status = LIFE.move(application.status, Action.APPEAL)
    acts = await applications.acts(id)
    refused_at = max(act.at for act in acts if act.kind is ActKind.ELIGIBILITY_DECISION)
    is_late = clock.now() > refused_at + timedelta(days=APPEAL_DAYS)
    if is_late or any(act.kind is ActKind.APPEAL for act in acts):
        raise AppealExpired(days=APPEAL_DAYS, current_status=application.status.value)
    application.status = status
    act(session, application, ActKind.APPEAL, by=by.sub, reason=said.reason)
    return application

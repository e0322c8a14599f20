"""Applications: what a cooperative asks for, and what officers find."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import IllegalTransition, NotFound, NotYetKnown, ValidationFailed
from chassis.fields import Id
from chassis.idempotency import Act, Once
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import IfMatch, IfMatchIfSent, etag
from services.financing.applications import service
from services.financing.applications.errors import AppealExpired
from services.financing.applications.models import Application
from services.financing.applications.repository import Applications
from services.financing.applications.schemas import (
    ActRead,
    AppealWrite,
    ApplicationDetail,
    ApplicationEdit,
    ApplicationRead,
    ApplicationSummary,
    ApplicationWrite,
    EligibilityDecisionWrite,
    ReviewWrite,
    SubmissionWrite,
)
from services.financing.applications.states import LIFE, Status
from services.financing.decisions.records import refusal_of
from services.financing.decisions.repository import Decisions
from services.financing.errors import FourEyes
from services.financing.scopes import Applicant, ApplicationReader, Reviewer, Validator

router = APIRouter(prefix="/v1", tags=["applications"])


async def _in_view(session: Session, caller: ApplicationReader, id: PathId) -> Application:
    return await Applications(session).one_in_view(id, caller)


async def _own(session: Session, caller: Applicant, id: PathId) -> Application:
    return await Applications(session).one_of(id, caller)


async def _at_work(session: Session, caller: ApplicationReader, id: PathId) -> Application:
    return await Applications(session).one_at_work(id, caller)


ApplicationInView = Annotated[Application, Depends(_in_view)]
ApplicationAtWork = Annotated[Application, Depends(_at_work)]
OwnApplication = Annotated[Application, Depends(_own)]


def read_of(application: Application) -> ApplicationRead:
    """The application as its owner and the officers see it."""
    allowed = [action.value for action in LIFE.allowed(application.status)]
    wish = service.wish_of(application)
    wished = {name: getattr(wish, name) for name in type(wish).model_fields}
    return ApplicationRead(
        **application.model_dump(exclude=set(wished)), **wished, allowed_actions=allowed
    )


async def answer(act: Once, application: Application, status: int = 201) -> Response:
    """Keep and return the application as it now is."""
    location = f"/v1/financing-applications/{application.id}"
    headers = {"Location": location, "ETag": etag(application.version)}
    return await act.answer(status, read_of(application), headers=headers)


@router.post(
    "/financing-applications",
    status_code=201,
    response_model=ApplicationRead,
    responses=problems(NotFound, NotYetKnown, ValidationFailed),
)
async def draft_application(
    session: Session,
    by: Applicant,
    act: Act,
    wish: Annotated[ApplicationWrite, Json(ApplicationWrite)],
) -> Response:
    """Begin an application for your cooperative; the rules are asked when it is submitted."""
    return await answer(act, await service.draft(session, wish, by=by))


@router.get("/financing-applications")
async def list_applications(
    session: Session,
    caller: ApplicationReader,
    window: List,
    response: Response,
    status: Annotated[Status | None, Query()] = None,
    cooperative_id: Annotated[Id | None, Query()] = None,
) -> Page[ApplicationSummary]:
    """Your applications, those of cooperatives that granted you `financing:apply`, and those
    submitted in your territory if you are an officer."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Applications(session).in_view(
        caller,
        after=after,
        limit=window.limit,
        status=status,
        cooperative_id=cooperative_id,
    )
    reads = [ApplicationSummary.model_validate(row.model_dump()) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/financing-applications/{id}", responses=problems(NotFound))
async def read_application(
    session: Session, _: ApplicationReader, application: ApplicationInView, response: Response
) -> ApplicationDetail:
    """One application, with everything that was done with it and why lenders refused it."""
    acts = await Applications(session).acts(application.id)
    refused = await Decisions(session).refusals(application.id)
    response.headers["ETag"] = etag(application.version)
    return ApplicationDetail(
        **dict(read_of(application)),
        history=[ActRead.model_validate(act.model_dump()) for act in acts],
        refusals=[refusal_of(decision) for decision in refused],
    )


@router.patch(
    "/financing-applications/{id}",
    responses=problems(NotFound, IllegalTransition, ValidationFailed),
)
async def edit_application(
    session: Session,
    _: Applicant,
    application: OwnApplication,
    changes: Annotated[ApplicationEdit, Json(ApplicationEdit)],
    version: IfMatch,
    response: Response,
) -> ApplicationRead:
    """Change a draft, or a file that came back: JSON merge patch (RFC 7396)."""
    changed = await service.edit(session, application.id, changes, version=version)
    response.headers["ETag"] = etag(changed.version)
    return read_of(changed)


@router.post(
    "/financing-applications/{id}/submissions",
    status_code=201,
    response_model=ApplicationRead,
    responses=problems(NotFound, IllegalTransition, ValidationFailed),
)
async def submit_application(
    session: Session,
    by: Applicant,
    application: OwnApplication,
    act: Act,
    _: Annotated[SubmissionWrite, Json(SubmissionWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Submit it: every rule that is not fulfilled is named at once; the dossier is fixed."""
    return await answer(act, await service.submit(session, application.id, by=by, version=version))


@router.post(
    "/financing-applications/{id}/reviews",
    status_code=201,
    response_model=ApplicationRead,
    responses=problems(NotFound, IllegalTransition, FourEyes, ValidationFailed),
)
async def review_application(
    session: Session,
    by: Reviewer,
    application: ApplicationAtWork,
    act: Act,
    said: Annotated[ReviewWrite, Json(ReviewWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Find a submitted application complete, or send it back with what to change."""
    return await answer(
        act, await service.review(session, application.id, said, by=by, version=version)
    )


@router.post(
    "/financing-applications/{id}/eligibility-decisions",
    status_code=201,
    response_model=ApplicationRead,
    responses=problems(NotFound, IllegalTransition, FourEyes, ValidationFailed),
)
async def decide_eligibility(
    session: Session,
    by: Validator,
    application: ApplicationAtWork,
    act: Act,
    said: Annotated[EligibilityDecisionWrite, Json(EligibilityDecisionWrite)],
    version: IfMatch,
) -> Response:
    """Decide, as a second officer, whether a reviewed application may go to lenders."""
    changed = await service.decide(session, application.id, said, by=by, version=version)
    return await answer(act, changed)


@router.post(
    "/financing-applications/{id}/appeals",
    status_code=201,
    response_model=ApplicationRead,
    responses=problems(NotFound, IllegalTransition, AppealExpired, ValidationFailed),
)
async def appeal_application(
    session: Session,
    by: Applicant,
    application: OwnApplication,
    act: Act,
    said: Annotated[AppealWrite, Json(AppealWrite)],
    version: IfMatchIfSent,
) -> Response:
    """Ask once, within thirty days, that other officers look at a refusal again."""
    return await answer(
        act, await service.appeal(session, application.id, said, by=by, version=version)
    )

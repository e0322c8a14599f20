"""Enrolments: each learner of a group in a session."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from chassis.db import Session
from chassis.errors import NotFound
from chassis.fields import Id
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import etag
from services.training.enrolments.repository import Enrolments
from services.training.enrolments.schemas import EnrolmentRead
from services.training.scopes import Reader

router = APIRouter(prefix="/v1", tags=["enrolments"])


@router.get("/enrolments")
async def list_enrolments(
    session: Session,
    caller: Reader,
    window: List,
    response: Response,
    delegation_id: Annotated[Id | None, Query()] = None,
) -> Page[EnrolmentRead]:
    """The learners of your groups, of groups that granted you a look, of your sessions or of your
    territory."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Enrolments(session).in_view(caller, delegation_id, after, window.limit)
    return Page(
        **window.page(
            [EnrolmentRead.model_validate(row) for row in rows], lambda row: [str(row.id)], response
        )
    )


@router.get("/enrolments/{id}", responses=problems(NotFound))
async def read_enrolment(
    session: Session, caller: Reader, id: PathId, response: Response
) -> EnrolmentRead:
    """One learner. A telephone number is never shown, only that there is one."""
    enrolment = await Enrolments(session).one_in_view(id, caller)
    response.headers["ETag"] = etag(enrolment.version)
    return EnrolmentRead.model_validate(enrolment)

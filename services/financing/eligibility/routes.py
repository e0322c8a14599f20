"""Eligibility: what a cooperative lacks for a product, rule by rule."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from chassis.db import Session
from chassis.errors import NotFound, NotYetKnown
from chassis.fields import Id
from chassis.openapi import problems
from chassis.tools import Sentences, Spoken
from services.financing.eligibility import service
from services.financing.eligibility.schemas import EligibilityRead
from services.financing.products.repository import Products
from services.financing.scopes import Applicant

router = APIRouter(prefix="/v1", tags=["products"])


@router.get("/financing-products/{code}/eligibility", responses=problems(NotFound, NotYetKnown))
async def explain_eligibility(
    session: Session,
    by: Applicant,
    code: Annotated[str, Path(max_length=40)],
    cooperative_id: Annotated[Id, Query()],
    catalogue: Sentences,
    language: Spoken,
    response: Response,
) -> EligibilityRead:
    """What your cooperative has and lacks: each rule, fulfilled or not, why, and what to do."""
    product = await Products(session).get(code)
    cooperative = await service.own(session, cooperative_id, by=by)
    facts = await service.facts_about(session, cooperative, product)
    response.headers["Content-Language"] = language
    return service.explain(facts, catalogue, language)

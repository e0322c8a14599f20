"""Offers: what lenders put before a cooperative, and nobody else may see."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.db import Session
from chassis.errors import NotFound
from chassis.fields import Id
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import etag
from services.financing.offers.models import Offer
from services.financing.offers.repository import Offers
from services.financing.offers.schemas import OfferRead
from services.financing.scopes import Applicant

router = APIRouter(prefix="/v1", tags=["offers"])


async def _own(session: Session, caller: Applicant, id: PathId) -> Offer:
    return await Offers(session).one_of(id, caller)


OwnOffer = Annotated[Offer, Depends(_own)]


@router.get("/offers")
async def list_offers(
    session: Session,
    by: Applicant,
    window: List,
    response: Response,
    application_id: Annotated[Id | None, Query()] = None,
) -> Page[OfferRead]:
    """The offers made to your cooperative, or to one that granted you `financing:apply`, with both
    rates and the whole cost of each."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Offers(session).page(
        by, after=after, limit=window.limit, application_id=application_id
    )
    reads = [OfferRead.model_validate(row) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/offers/{id}", responses=problems(NotFound))
async def read_offer(_: Applicant, offer: OwnOffer, response: Response) -> OfferRead:
    """One offer."""
    response.headers["ETag"] = etag(offer.version)
    return OfferRead.model_validate(offer)

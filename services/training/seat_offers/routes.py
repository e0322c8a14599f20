"""Seat offers: what a group that waited is offered when seats come free."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis.bodies import Json
from chassis.db import Session
from chassis.errors import NotFound
from chassis.idempotency import Act
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.versions import IfMatch, etag
from services.training.enrolments.schemas import SeatRead
from services.training.fields import Nothing
from services.training.scopes import Enroller
from services.training.seat_offers import service
from services.training.seat_offers.errors import OfferConsumed, OfferExpired
from services.training.seat_offers.models import SeatOffer
from services.training.seat_offers.repository import SeatOffers
from services.training.seat_offers.schemas import Answer, SeatOfferAnswered, SeatOfferRead

router = APIRouter(prefix="/v1", tags=["seat offers"])


async def _offer(session: Session, by: Enroller, id: PathId) -> SeatOffer:
    return await SeatOffers(session).one_of(id, by)


Mine = Annotated[SeatOffer, Depends(_offer)]
REFUSALS = problems(NotFound, OfferConsumed, OfferExpired)


@router.get("/seat-offers")
async def list_seat_offers(
    session: Session, caller: Enroller, window: List, response: Response
) -> Page[SeatOfferRead]:
    """The offers made to your groups, to those that granted you enrolling, in your sessions or in
    your territory."""
    after = UUID(window.after[0]) if window.after else None
    rows = await SeatOffers(session).of(caller, after, window.limit)
    reads = [SeatOfferRead.model_validate(row, from_attributes=True) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.id)], response))


@router.get("/seat-offers/{id}", responses=problems(NotFound))
async def read_seat_offer(offer: Mine, response: Response) -> SeatOfferRead:
    """One offer, and until when it stands."""
    response.headers["ETag"] = etag(offer.version)
    return SeatOfferRead.model_validate(offer, from_attributes=True)


@router.post(
    "/seat-offers/{id}/acceptances",
    status_code=201,
    response_model=SeatOfferAnswered,
    responses=REFUSALS,
)
async def accept_seat_offer(
    session: Session,
    by: Enroller,
    offer: Mine,
    act: Act,
    _: Annotated[Nothing, Json(Nothing)],
    version: IfMatch,
) -> Response:
    """Take the seats that were held for the group."""
    answered = await service.answer(session, offer, Answer.ACCEPTED, version=version, by=by.sub)
    return await act.answer(201, _read(*answered), headers=_headers(answered[0]))


@router.post(
    "/seat-offers/{id}/refusals",
    status_code=201,
    response_model=SeatOfferAnswered,
    responses=REFUSALS,
)
async def decline_seat_offer(
    session: Session,
    by: Enroller,
    offer: Mine,
    act: Act,
    _: Annotated[Nothing, Json(Nothing)],
    version: IfMatch,
) -> Response:
    """Give the seats back; they go to the next in the queue."""
    answered = await service.answer(session, offer, Answer.DECLINED, version=version, by=by.sub)
    return await act.answer(201, _read(*answered), headers=_headers(answered[0]))


def _read(offer: SeatOffer, seats: list[SeatRead]) -> SeatOfferAnswered:
    return SeatOfferAnswered(**offer.model_dump(), enrolments=seats)


def _headers(offer: SeatOffer) -> dict[str, str]:
    return {"Location": f"/v1/seat-offers/{offer.id}", "ETag": etag(offer.version)}

"""The queue: one promotion function for whoever frees a seat, and offers that are answered once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from chassis.ids import new_id
from chassis.versions import expect
from services.training.enrolments.models import Delegation, Enrolment
from services.training.enrolments.repository import Enrolments
from services.training.enrolments.rules import Admission, Party, party
from services.training.enrolments.schemas import Mode, SeatRead
from services.training.enrolments.service import (
    close_if_empty,
    move,
    seats_of,
)
from services.training.enrolments.states import EnrolmentAction, EnrolmentStatus
from services.training.history.repository import History
from services.training.seat_offers import rules
from services.training.seat_offers.errors import OfferConsumed, OfferExpired
from services.training.seat_offers.models import SeatOffer
from services.training.seat_offers.repository import DUE_SESSIONS, SeatOffers
from services.training.seat_offers.schemas import Answer
from services.training.sessions.models import TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.states import BEFORE_START
from services.training.tools.repository import Policies
from services.training.tools.schemas import OfferTerms

CLOCK = "clock"  # who acts when nobody does
SESSION_BEGAN = "SESSION_BEGAN"
KEPT_FOR_LARGER = "KEPT_FOR_LARGER_GROUP"


async def promote(session: AsyncSession, training_session: TrainingSession) -> None:
    """Offer free seats of a locked session to those who wait, in order, recounting after each.

    A group that does not fit yet may be overtaken only so often; then seats gather for it.
    """
    terms = await Policies(session).offer_terms(clock.today())
    expires_at = _expiry(training_session, terms)
    if expires_at is None:
        return
    queue = await SeatOffers(session).queue(training_session.id)
    busy = {offer.delegation_id for offer in await SeatOffers(session).open_in(training_session.id)}
    passed: list[Delegation] = []
    for delegation, waiting in queue:
        if any(earlier.overtaken >= terms.max_overtakes for earlier in passed):
            _explain(delegation, KEPT_FOR_LARGER)
        elif delegation.id not in busy:
            chosen = await _choose(session, training_session, delegation, waiting)
            _pass_over(passed, delegation, chosen)
            await _offer(session, delegation, chosen, expires_at)


def _expiry(training_session: TrainingSession, terms: OfferTerms) -> datetime | None:
    starts_at = training_session.starts_at
    if starts_at is None or training_session.status not in BEFORE_START:
        return None
    return rules.expiry(clock.now(), starts_at, terms)


async def _choose(
    session: AsyncSession,
    training_session: TrainingSession,
    delegation: Delegation,
    waiting: Sequence[Enrolment],
) -> list[Enrolment]:
    seats = await seats_of(session, training_session)
    parties = await parties_of(session, training_session, waiting)
    is_indivisible = delegation.mode is Mode.ALL_OR_NOTHING
    positions, why = rules.choose(seats, parties, is_indivisible=is_indivisible)
    _explain(delegation, None if why is Admission.ADMITTED else why.value)
    return [waiting[n] for n in positions]


async def parties_of(
    session: AsyncSession, training_session: TrainingSession, enrolments: Sequence[Enrolment]
) -> list[Party]:
    """What each of `enrolments` takes of the seats of the session."""
    on = (training_session.starts_at or clock.now()).date()
    youth = await Policies(session).youth_age(on)
    return [party(enrolment, youth, on) for enrolment in enrolments]


def _explain(delegation: Delegation, why: str | None) -> None:
    if delegation.skip_reason != why:
        delegation.skip_reason = why
        delegation.version += 1


def _pass_over(passed: list[Delegation], delegation: Delegation, chosen: list[Enrolment]) -> None:
    if not chosen:
        passed.append(delegation)
        return
    for earlier in passed:
        earlier.overtaken += 1


async def _offer(
    session: AsyncSession,
    delegation: Delegation,
    chosen: list[Enrolment],
    expires_at: datetime,
) -> None:
    if not chosen:
        return
    for enrolment in chosen:
        move(History(session), enrolment, EnrolmentAction.OFFER, by=CLOCK)
    offer = SeatOffer(
        id=new_id(),
        training_session_id=delegation.training_session_id,
        delegation_id=delegation.id,
        seats=len(chosen),
        offered_at=clock.now(),
        expires_at=expires_at,
    )
    SeatOffers(session).add(offer)
    await session.flush()


async def answer(
    session: AsyncSession, offer: SeatOffer, answer: Answer, *, version: int, by: str
) -> tuple[SeatOffer, list[SeatRead]]:
    """The group takes the seats, or gives them back for the next in the queue."""
    training_session = await TrainingSessions(session).lock_with(
        offer.training_session_id, f"seat-offer/{offer.id}"
    )
    offer = await SeatOffers(session).lock(offer.id)
    expect(version, offer.version)
    if offer.answer is not None:
        raise OfferConsumed(answer=offer.answer.value)
    if offer.expires_at <= clock.now():
        raise OfferExpired(expired_at=clock.wire(offer.expires_at))
    moved = await _settle(session, offer, answer, by=by)
    await promote(session, training_session)
    return offer, [SeatRead.model_validate(enrolment) for enrolment in moved]


async def lapse_all(app: Any) -> int:
    """The timer: lapse what nobody answered in time and promote again; how many that was."""
    rows = await app.state.reads.fetch(DUE_SESSIONS, clock.now())
    lapsed = 0
    for row in rows:
        async with app.state.database.transaction() as session:
            lapsed += await _lapse_due(session, row["training_session_id"])
    return lapsed


async def _lapse_due(session: AsyncSession, session_id: UUID) -> int:
    training_session = await TrainingSessions(session).lock_with(session_id)
    due = await SeatOffers(session).due_in(session_id, clock.now())
    for offer in due:
        await _settle(session, offer, Answer.EXPIRED, by=CLOCK)
    if due:
        await promote(session, training_session)
    return len(due)


async def end_queue(session: AsyncSession, training_session: TrainingSession, *, by: str) -> None:
    """The session begins: whoever still waits, or has not answered, does not take part in it."""
    for offer in await SeatOffers(session).open_in(training_session.id):
        await _settle(session, offer, Answer.EXPIRED, by=by)
    for delegation, waiting in await SeatOffers(session).queue(training_session.id):
        for enrolment in waiting:
            move(History(session), enrolment, EnrolmentAction.CANCEL, by=by, reason=SESSION_BEGAN)
        members = await Enrolments(session).of_delegation(delegation.id)
        await close_if_empty(session, delegation.id, members)


async def cancel_open(session: AsyncSession, training_session: TrainingSession, *, by: str) -> None:
    """The session is off: open offers end with it."""
    for offer in await SeatOffers(session).open_in(training_session.id):
        _close(offer, Answer.CANCELLED, by)


async def _settle(
    session: AsyncSession, offer: SeatOffer, answer: Answer, *, by: str
) -> list[Enrolment]:
    is_accepted = answer is Answer.ACCEPTED
    action = EnrolmentAction.ACCEPT_OFFER if is_accepted else EnrolmentAction.LAPSE_OFFER
    members = await Enrolments(session).of_delegation(offer.delegation_id)
    offered = [row for row in members if row.status is EnrolmentStatus.OFFERED]
    for enrolment in offered:
        move(History(session), enrolment, action, by=by)
    _close(offer, answer, by)
    await close_if_empty(session, offer.delegation_id, members)
    return offered


def _close(offer: SeatOffer, answer: Answer, by: str) -> None:
    offer.answer, offer.answered_at, offer.answered_by = answer, clock.now(), by
    offer.version += 1

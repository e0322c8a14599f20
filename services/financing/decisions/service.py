"""A lender decides: once, provably, within the law. Reads like minutes."""

from dataclasses import dataclass
from datetime import datetime

from chassis import clock
from chassis.answers import describe
from chassis.catalogue import Catalogue, Language
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.jose import Signer
from chassis.versions import expect
from services.financing.applications.models import Application
from services.financing.applications.repository import Applications
from services.financing.applications.service import wish_of
from services.financing.applications.states import Status as ApplicationStatus
from services.financing.assignments.errors import (
    AssignmentAlreadyDecided,
    AssignmentExpired,
    AssignmentRecalled,
)
from services.financing.assignments.models import Assignment
from services.financing.assignments.service import closed, refuse_closed, under_lock
from services.financing.assignments.states import LIFE, Action, Status
from services.financing.dates import legal_date
from services.financing.decisions import records
from services.financing.decisions.errors import (
    AcceptedTermsProtected,
    DossierChanged,
    SupersedeConflict,
)
from services.financing.decisions.models import LenderDecision
from services.financing.decisions.records import Received
from services.financing.decisions.repository import Decisions
from services.financing.decisions.rules import Weighed, decided_in_time, findings
from services.financing.decisions.schemas import DecisionAnswer, DecisionWrite
from services.financing.errors import FourEyes
from services.financing.events import OfferReceived, outbox
from services.financing.lenders.repository import Lenders
from services.financing.offers import service as offers
from services.financing.offers.errors import OfferNotLive
from services.financing.offers.models import Offer
from services.financing.offers.repository import Offers
from services.financing.offers.states import Action as OfOffer
from services.financing.offers.states import Status as OfferStatus
from services.financing.products.repository import Products
from services.financing.terms.schemas import Computed
from services.financing.terms.service import computed, lawful, priced

_PLACED = {ApplicationStatus.WITH_LENDERS, ApplicationStatus.OFFERED}


@dataclass(frozen=True)
class Desk:
    """What the answer needs: who signs the receipt, and in which language warnings speak."""

    signer: Signer
    issuer: str
    catalogue: Catalogue
    language: Language


async def record(
    session: AsyncSession,
    assignment: Assignment,
    received: Received,
    *,
    version: int,
    desk: Desk,
) -> tuple[Assignment, DecisionAnswer]:
    """Check in the order of the protocol, then write decision, offer and consequences at once."""
    assignment = await under_lock(session, assignment)
    application = await Applications(session).get(assignment.application_id)
    said, now = received.said, clock.now()
    _expect_studied(assignment, said, version)
    previous = await _superseded(session, application, assignment, said)
    if said.prepared_by.id == said.approved_by.id:
        raise FourEyes()
    reckoning, warnings = await _weigh(session, application, assignment, said=said, now=now)
    decision = records.decision_of(assignment, received, now, reckoning)
    decision.receipt = desk.signer.token(
        records.receipt_of(decision, desk.issuer), "decision-receipt+jwt"
    )
    offer = records.offer_of(application, decision, said.terms, reckoning)
    answer = records.answer_of(decision, offer, describe(desk.catalogue, desk.language, warnings))
    decision.answer = answer.model_dump_json().encode()
    session.add(decision)
    await _take_effect(session, application, assignment, offer=offer, previous=previous)
    return assignment, answer


def _expect_studied(assignment: Assignment, said: DecisionWrite, version: int) -> None:
    expect(version, assignment.version)
    if said.dossier_sha256 != assignment.dossier_sha256:
        raise DossierChanged(
            current_version=assignment.version, dossier_sha256=assignment.dossier_sha256
        )


async def _superseded(
    session: AsyncSession, application: Application, assignment: Assignment, said: DecisionWrite
) -> LenderDecision | None:
    """The decision that this one replaces; None for a first one. Refuses what comes too late."""
    if assignment.status is not Status.DECIDED:
        refuse_closed(assignment, clock.now())
        if said.supersedes is not None:
            raise SupersedeConflict(current_status=assignment.status.value)
        return None
    latest = await Decisions(session).latest(assignment.id)
    if said.supersedes is None:
        raise AssignmentAlreadyDecided(
            decision_id=str(latest.id),
            current_status=assignment.status.value,
            allowed_actions=[action.value for action in LIFE.allowed(assignment.status)],
        )
    if said.supersedes != latest.id:
        raise SupersedeConflict(decision_id=str(latest.id))
    await _may_amend(session, application, assignment, latest)
    return latest


async def _may_amend(
    session: AsyncSession, application: Application, assignment: Assignment, latest: LenderDecision
) -> None:
    """A live offer may be replaced; a rejection until the deadline; nothing after acceptance."""
    offer = await Offers(session).of_decision(latest.id)
    if offer is not None and offer.status is OfferStatus.ACCEPTED:
        raise AcceptedTermsProtected(current_status=offer.status.value)
    if application.status not in _PLACED:
        raise closed(AssignmentRecalled, assignment)
    if offer is None and assignment.decision_due_at < clock.now():
        raise closed(AssignmentExpired, assignment)
    if offer is not None and not offer.is_live(clock.now()):
        raise OfferNotLive(current_status=offer.status.value)


async def _weigh(
    session: AsyncSession,
    application: Application,
    assignment: Assignment,
    *,
    said: DecisionWrite,
    now: datetime,
) -> tuple[Computed | None, list[Finding]]:
    """Our reckoning of an offer and its warnings; whatever blocks is raised, all at once."""
    found = list(decided_in_time(said.decided_at, assignment.sent_at, now))
    reckoning = None
    cost, unpriced = priced(said.terms) if said.terms else (None, [])
    if said.terms is not None and cost is not None:
        lender = await Lenders(session).get(assignment.lender_id)
        on = legal_date(said.decided_at)
        ceiling, usury = await lawful(session, cost, lender, on)
        weighed = Weighed(
            terms=said.terms,
            cost=cost,
            ceiling=ceiling,
            wish=wish_of(application),
            product=await Products(session).get(application.product_code),
            now=now,
        )
        found += [*usury, *findings(weighed)]
        reckoning = None if usury else computed(cost, ceiling, on)
    found += unpriced
    if any(finding.severity == "BLOCK" for finding in found):
        raise ValidationFailed(findings=found)
    return reckoning, found


async def _take_effect(
    session: AsyncSession,
    application: Application,
    assignment: Assignment,
    *,
    offer: Offer | None,
    previous: LenderDecision | None,
) -> None:
    action = Action.DECIDE if previous is None else Action.AMEND
    assignment.status = LIFE.move(assignment.status, action)
    assignment.outcome = "REJECT" if offer is None else "OFFER"
    assignment.closed_at = clock.now()
    assignment.version += 1
    replaced = await Offers(session).of_decision(previous.id) if previous else None
    if replaced is not None:
        offers.end(replaced, OfOffer.REVOKE if offer is None else OfOffer.SUPERSEDE)
    await session.flush()  # one live offer for an assignment: the old one ends first
    if offer is not None:
        session.add(offer)
        outbox.publish(session, application.id, _received(application, offer))
    await offers.settle(session, application)


def _received(application: Application, offer: Offer) -> OfferReceived:
    return OfferReceived(
        application_id=application.id,
        cooperative_id=application.cooperative_id,
        offer_id=offer.id,
    )

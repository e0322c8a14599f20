"""The cooperative accepts one offer; every other ends. Reads like minutes."""

from datetime import timedelta

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.canonical import canonical, sha256
from chassis.db import AsyncSession, hold
from chassis.errors import ValidationFailed
from chassis.ids import new_id
from chassis.versions import expect
from services.financing.acceptances.models import Acceptance
from services.financing.acceptances.rules import assembly_allows, signatories_are_named
from services.financing.acceptances.schemas import AcceptanceWrite
from services.financing.applications.models import ActKind, Application
from services.financing.applications.repository import Applications
from services.financing.applications.schemas import AgResolution
from services.financing.applications.service import act
from services.financing.applications.states import LIFE as APPLICATION
from services.financing.applications.states import Action as OfApplication
from services.financing.assignments.service import recall_open
from services.financing.eligibility import service as eligibility
from services.financing.eligibility.rules import Stage
from services.financing.events import OfferAccepted, outbox
from services.financing.financings.models import Financing
from services.financing.offers import service as offers
from services.financing.offers.errors import OfferNotLive
from services.financing.offers.models import Offer
from services.financing.offers.repository import Offers
from services.financing.offers.states import Action, Status
from services.financing.products.models import FinancingProduct
from services.financing.products.repository import Products
from services.financing.terms.schemas import Computed, OfferTerms, Terms


async def accept(
    session: AsyncSession, offer: Offer, said: AcceptanceWrite, *, by: Caller, version: int
) -> tuple[Acceptance, Financing]:
    """Accept a live offer while the cooperative is still eligible and its assembly allows it."""
    financing_id = new_id()
    await hold(session, f"application/{offer.application_id}", f"financing/{financing_id}")
    application = await Applications(session).lock(offer.application_id)
    offer = await Offers(session).locked(offer.id)
    expect(version, offer.version)
    if not offer.is_live(clock.now()):
        ended = Status.EXPIRED if offer.status is Status.LIVE else offer.status
        raise OfferNotLive(current_status=ended.value, allowed_actions=[])
    status = APPLICATION.move(application.status, OfApplication.ACCEPT)
    product = await Products(session).get(application.product_code)
    await eligibility.vouch(session, application.cooperative_id, product, stage=Stage.ACCEPTANCE)
    signing = _signing(application, offer, said, product)
    application.status = status
    offers.end(offer, Action.ACCEPT)
    await session.flush()  # what lapses next is what is still live
    await offers.lapse_live(session, application.id)
    await recall_open(session, application.id)
    financing = _financing(application, offer, product)
    financing.id = financing_id
    session.add(financing)
    acceptance = _acceptance(offer, financing, signing, by.sub)
    session.add(acceptance)
    act(session, application, ActKind.ACCEPTANCE, by=by.sub, offer_id=str(offer.id))
    outbox.publish(session, application.id, _accepted(financing))
    return acceptance, financing


def _signing(
    application: Application, offer: Offer, said: AcceptanceWrite, product: FinancingProduct
) -> list[str]:
    resolution = check(AgResolution, application.ag_resolution)
    terms, computed = check(OfferTerms, offer.terms), check(Computed, offer.computed)
    signing = resolution.signatories if said.signatories is None else said.signatories
    ends_on = computed.installments[-1].due_on
    found = [
        *signatories_are_named(signing, resolution, product.min_signatories),
        *assembly_allows(offer.amount_xof, terms.disbursed_on, ends_on, resolution),
    ]
    if found:
        raise ValidationFailed(findings=found)
    return sorted(set(signing))


def _financing(application: Application, offer: Offer, product: FinancingProduct) -> Financing:
    now = clock.now()
    return Financing(
        id=new_id(),
        application_id=application.id,
        offer_id=offer.id,
        cooperative_id=application.cooperative_id,
        organisation_id=application.organisation_id,
        path=application.path,
        lender_id=offer.lender_id,
        product_code=product.code,
        approved_xof=offer.amount_xof,
        terms={name: offer.terms[name] for name in Terms.model_fields},
        accepted_at=now,
        contract_due_at=now + timedelta(days=product.contract_days),
    )


def _acceptance(
    offer: Offer, financing: Financing, signing: list[str], accepted_by: str
) -> Acceptance:
    evidence = {"offer_id": str(offer.id), "terms": offer.terms, "computed": offer.computed}
    return Acceptance(
        id=new_id(),
        offer_id=offer.id,
        application_id=offer.application_id,
        financing_id=financing.id,
        signatories=signing,
        evidence_sha256=sha256(canonical(evidence)),
        accepted_by=accepted_by,
        accepted_at=financing.accepted_at,
    )


def _accepted(financing: Financing) -> OfferAccepted:
    return OfferAccepted(
        application_id=financing.application_id,
        cooperative_id=financing.cooperative_id,
        offer_id=financing.offer_id,
        financing_id=financing.id,
    )

"""The financing service, as a table of contents."""

from pathlib import Path

from chassis import published_keys
from chassis.app import Service
from chassis.timers import Timer
from services.financing.acceptances import routes as acceptances
from services.financing.applications import routes as applications
from services.financing.assignments import routes as assignments
from services.financing.ceilings import routes as ceilings
from services.financing.decisions import routes as decisions
from services.financing.decisions.chain import link_decisions, verify_decisions
from services.financing.eligibility import hearing as eligibility_hearing
from services.financing.eligibility import routes as eligibility
from services.financing.events import outbox
from services.financing.expiry.service import expire_due
from services.financing.financings import routes as financings
from services.financing.information import routes as information
from services.financing.lenders import hearing as keys_hearing
from services.financing.lenders import routes as lenders
from services.financing.lenders.keys import put_lender_keys
from services.financing.offers import routes as offers
from services.financing.products import routes as products
from services.financing.rates import routes as rates
from services.financing.schedules import routes as schedules
from services.financing.seed import seed
from services.financing.settings import FinancingSettings
from services.financing.tables import APPEND_ONLY, metadata
from services.financing.transmissions import routes as transmissions
from services.financing.withdrawals import routes as withdrawals

__all__ = ["define", "metadata"]


def define(settings: FinancingSettings | None = None) -> Service:
    """What the financing service is."""
    return Service(
        name="financing",
        title="Mboolo financing",
        settings=settings or FinancingSettings(),
        routers=[
            products.router,
            eligibility.router,
            ceilings.router,
            lenders.router,
            applications.router,
            transmissions.router,
            information.router,
            withdrawals.router,
            assignments.router,
            decisions.router,
            offers.router,
            acceptances.router,
            financings.router,
            schedules.router,
            rates.router,
            published_keys.router,
        ],
        folder=Path(__file__).parent,
        metadata=metadata,
        append_only=APPEND_ONLY,
        outbox=outbox,
        hears={**eligibility_hearing.HEARS, **keys_hearing.HEARS},
        timers=[Timer("expire", 5.0, expire_due), Timer("link_decisions", 1.0, link_decisions)],
        seed=seed,
        commands={"lender-keys": put_lender_keys, "verify-decisions": verify_decisions},
    )

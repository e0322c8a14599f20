"""The financing service, as a table of contents."""

from pathlib import Path

from chassis.app import Service
from services.financing.ceilings import routes as ceilings
from services.financing.eligibility import routes as eligibility
from services.financing.eligibility.hearing import HEARS
from services.financing.events import outbox
from services.financing.lenders import routes as lenders
from services.financing.lenders.keys import put_lender_keys
from services.financing.products import routes as products
from services.financing.rates import routes as rates
from services.financing.schedules import routes as schedules
from services.financing.seed import seed
from services.financing.settings import FinancingSettings
from services.financing.signing_keys import routes as signing_keys
from services.financing.tables import metadata

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
            schedules.router,
            rates.router,
            signing_keys.router,
        ],
        folder=Path(__file__).parent,
        metadata=metadata,
        outbox=outbox,
        hears=HEARS,
        timers=[],
        seed=seed,
        commands={"lender-keys": put_lender_keys},
    )

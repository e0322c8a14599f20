"""The training service, as a table of contents."""

from pathlib import Path

from chassis import published_keys
from chassis.app import Service
from chassis.timers import Timer
from services.training.assessments import routes as assessments
from services.training.attendance import routes as attendance
from services.training.certificates import routes as certificates
from services.training.completions import routes as completions
from services.training.delegations import routes as delegations
from services.training.delivery import routes as delivery
from services.training.enrolments import routes as enrolments
from services.training.events import outbox
from services.training.groups.service import HEARS
from services.training.plans import routes as plans
from services.training.proofs import routes as proofs
from services.training.results import routes as results
from services.training.seat_offers import routes as seat_offers
from services.training.seat_offers.service import lapse_all
from services.training.seed import seed
from services.training.session_changes import routes as session_changes
from services.training.sessions import routes as sessions
from services.training.settings import TrainingSettings
from services.training.standings import routes as standings
from services.training.tables import APPEND_ONLY, metadata
from services.training.tools import routes as tools

__all__ = ["define", "metadata"]


def define(settings: TrainingSettings | None = None) -> Service:
    """What the training service is."""
    return Service(
        name="training",
        title="Mboolo training",
        settings=settings or TrainingSettings(),
        routers=[
            tools.router,
            sessions.router,
            plans.router,
            session_changes.router,
            delivery.router,
            delegations.router,
            enrolments.router,
            seat_offers.router,
            attendance.router,
            assessments.router,
            completions.router,
            results.router,
            certificates.router,
            standings.router,
            proofs.router,
            published_keys.router,
        ],
        folder=Path(__file__).parent,
        metadata=metadata,
        append_only=APPEND_ONLY,
        outbox=outbox,
        hears=HEARS,
        timers=[Timer("lapse-seat-offers", 15, lapse_all)],
        seed=seed,
    )

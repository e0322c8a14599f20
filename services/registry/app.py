"""The registry, as a table of contents."""

from pathlib import Path

from chassis import published_keys
from chassis.app import Service
from chassis.timers import Timer
from services.registry.accesses import routes as accesses
from services.registry.agents import hearing as agents
from services.registry.alerts import routes as alerts
from services.registry.alerts.service import keep_alerts
from services.registry.allowed_actions import routes as allowed_actions
from services.registry.code_lists import routes as code_lists
from services.registry.cooperatives import routes as cooperatives
from services.registry.decisions import routes as decisions
from services.registry.desk import routes as desk
from services.registry.desk.records import refresh_due_dates
from services.registry.events import outbox
from services.registry.filings import routes as filings
from services.registry.history import routes as history
from services.registry.imports import routes as imports
from services.registry.imports.work import work
from services.registry.initiatives import routes as initiatives
from services.registry.law import models as law
from services.registry.ledger import routes as ledger
from services.registry.links import routes as links
from services.registry.matches import routes as matches
from services.registry.messages import routes as messages
from services.registry.obligations import routes as obligations
from services.registry.operations import routes as operations
from services.registry.persons import routes as persons
from services.registry.privacy import routes as privacy
from services.registry.processing import routes as processing
from services.registry.proofs import routes as proofs
from services.registry.remarks import routes as remarks
from services.registry.retention import service as retention
from services.registry.reviews import routes as reviews
from services.registry.seed import seed
from services.registry.settings import RegistrySettings
from services.registry.signing_authority import routes as signing_authority
from services.registry.stream import routes as stream
from services.registry.stream.service import link_public, link_rest, sign_checkpoints
from services.registry.tables import APPEND_ONLY, EXPIRING, metadata
from services.registry.training import HEARS as FROM_TRAINING
from services.registry.vault import service as vault
from services.registry.working_days import routes as working_days

__all__ = ["define", "law", "metadata"]


def define(settings: RegistrySettings | None = None) -> Service:
    """What the registry is."""
    settings = settings or RegistrySettings()
    return Service(
        name="registry",
        title="Mboolo registry",
        settings=settings,
        routers=[
            cooperatives.router,  # first: routes are tried in this order, and it is asked most
            code_lists.router,
            initiatives.router,
            filings.router,
            reviews.router,
            remarks.router,
            decisions.router,
            desk.router,
            messages.router,
            processing.router,
            working_days.router,
            history.router,
            imports.router,
            operations.router,
            signing_authority.router,
            alerts.router,
            obligations.router,
            allowed_actions.router,
            ledger.router,
            stream.router,
            proofs.router,
            published_keys.router,
            persons.router,
            links.router,
            accesses.router,
            privacy.router,
            matches.router,
        ],
        folder=Path(__file__).parent,
        metadata=metadata,
        append_only=APPEND_ONLY,
        expiring=EXPIRING,
        outbox=outbox,
        hears={**agents.HEARS, **FROM_TRAINING},
        ready=cooperatives.READY,
        timers=[
            Timer("link_public", 0.05, link_public),
            Timer("link_rest", 1.0, link_rest),
            Timer("sign_checkpoints", 2.0, sign_checkpoints),
            Timer("keep_retention", 3600, retention.keep_retention),
            Timer("refresh_due_dates", 300, refresh_due_dates),
            Timer("import", 1, work),
            Timer("keep_alerts", 30, keep_alerts),
        ],
        seed=seed,
        commands={
            "vault": vault.command(settings),
            "retention": retention.command(settings),
        },
    )

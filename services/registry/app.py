"""The registry, as a table of contents."""

from pathlib import Path

from chassis.app import Service
from chassis.timers import Timer
from services.registry.agents import hearing as agents
from services.registry.alerts.service import keep_alerts
from services.registry.cooperatives import routes as cooperatives
from services.registry.desk.records import refresh_due_dates
from services.registry.events import outbox
from services.registry.imports.work import work
from services.registry.law import models as law
from services.registry.retention import service as retention
from services.registry.routers import ROUTERS
from services.registry.seed import seed
from services.registry.settings import RegistrySettings
from services.registry.stream.service import link_public, link_rest, sign_checkpoints
from services.registry.tables import APPEND_ONLY, EXPIRING, metadata
from services.registry.training import HEARS as FROM_TRAINING
from services.registry.vault import service as vault

__all__ = ["define", "law", "metadata"]


def define(settings: RegistrySettings | None = None) -> Service:
    """What the registry is."""
    settings = settings or RegistrySettings()
    return Service(
        name="registry",
        title="Mboolo registry",
        settings=settings,
        routers=ROUTERS,
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

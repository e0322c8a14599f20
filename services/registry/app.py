"""The registry, as a table of contents."""

from pathlib import Path

from chassis.app import Service
from services.registry.code_lists import routes as code_lists
from services.registry.events import outbox
from services.registry.initiatives import routes as initiatives
from services.registry.seed import seed
from services.registry.settings import RegistrySettings
from services.registry.tables import metadata

__all__ = ["define", "metadata"]


def define(settings: RegistrySettings | None = None) -> Service:
    """What the registry is."""
    return Service(
        name="registry",
        title="Mboolo registry",
        settings=settings or RegistrySettings(),
        routers=[code_lists.router, initiatives.router],
        folder=Path(__file__).parent,
        metadata=metadata,
        outbox=outbox,
        hears={},
        timers=[],
        seed=seed,
    )

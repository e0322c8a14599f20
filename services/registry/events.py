"""The facts that the registry publishes: its promise to the others."""

from typing import ClassVar
from uuid import UUID

from chassis.events import Event, Outbox

# Who hears whole aggregates. Filings concern nobody else until they change a cooperative.
outbox = Outbox(
    {
        "initiative": ("training", "financing"),
        "cooperative": ("training", "financing"),
        "filing": (),
    }
)


class InitiativeStarted(Event):
    """A group on its way to a cooperative made itself known."""

    kind: ClassVar[str] = "registry.initiative.started"
    about: ClassVar[str] = "initiative"

    initiative_id: UUID
    organisation_id: str
    name: str
    commune_code: str
    members_count: int

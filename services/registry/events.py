"""The facts that the registry publishes: its promise to the others."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from chassis.events import Event, Outbox
from services.registry import withheld

# Who hears whole aggregates. The gateway must know whose a cooperative is before its organisation
# lends anything on it, and tells an organisation, and nobody else, what became of its files.
outbox = Outbox(
    {
        "initiative": ("training", "financing"),
        "cooperative": ("training", "financing", "gateway"),
        "filing": ("gateway",),
    }
)

WITHHELD = withheld.WITHHELD


class InitiativeStarted(Event):
    """A group on its way to a cooperative made itself known."""

    kind: ClassVar[str] = "registry.initiative.started"
    about: ClassVar[str] = "initiative"

    initiative_id: UUID
    organisation_id: str
    name: str
    commune_code: str
    members_count: int


class CooperativeRegistered(Event):
    """A cooperative entered the register. Counts only: no person is named here. Null is what an
    imported list did not state. `organs_complete`: when this was told, nobody was lacking in an
    organ that the law asks of the form, or nobody was ever named; a term that passes later is told
    with the next filing."""

    kind: ClassVar[str] = "registry.cooperative.registered"
    about: ClassVar[str] = "cooperative"
    is_public: ClassVar[bool] = True

    cooperative_id: UUID
    registration_number: str
    organisation_id: str
    initiative_id: UUID | None
    name: str
    legal_form: str
    commune_code: str | None
    department_code: str | None
    region_code: str | None
    sector_codes: list[str]
    cps_tags: list[str]
    members_count: int | None
    women_count: int | None
    men_count: int | None
    sex_not_stated_count: int | None
    youth_count: int
    age_not_stated_count: int | None
    has_woman_president: bool | None
    organs_complete: bool
    registered_on: date
    status: str


class CooperativeChanged(CooperativeRegistered):
    """A filing changed what the register says. The whole record as it now is, and by what."""

    kind: ClassVar[str] = "registry.cooperative.changed"

    filing_id: UUID
    formality: str
    revision: int
    effective_on: date
    changed: list[str]


class AlertBegan(Event):
    """A computed alert (A1-A10) stands since now: a sign for people to look. It is for agents and
    the cooperative; nothing is changed by it."""

    kind: ClassVar[str] = "registry.alert.began"
    about: ClassVar[str] = "cooperative"

    cooperative_id: UUID
    organisation_id: str
    code: str
    since: date


class AlertEnded(Event):
    """An alert stands no longer."""

    kind: ClassVar[str] = "registry.alert.ended"
    about: ClassVar[str] = "cooperative"

    cooperative_id: UUID
    organisation_id: str
    code: str


class FilingReturned(Event):
    """A filing came back with remarks: its filers complete it, or answer."""

    kind: ClassVar[str] = "registry.filing.returned"
    about: ClassVar[str] = "filing"

    filing_id: UUID
    organisation_id: str
    cooperative_id: UUID | None
    formality: str
    arrival_number: str
    review_id: UUID
    remarks_count: int


class FilingRejected(Event):
    """A filing was rejected; the reason in words and how it may be contested stand in its
    decision."""

    kind: ClassVar[str] = "registry.filing.rejected"
    about: ClassVar[str] = "filing"

    filing_id: UUID
    organisation_id: str
    cooperative_id: UUID | None
    formality: str
    arrival_number: str
    decision_id: UUID
    reason_code: str
    law_ref: str | None

"""The facts that training publishes: its promise to the others. No person is named in any."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from chassis.events import Event, Outbox

# Who hears whole aggregates. Sessions and seats concern nobody else until a group has completed.
outbox = Outbox(
    {
        "training-session": (),
        "enrolment": (),
        "delegation": ("registry", "financing"),
        "training-certificate": ("registry", "financing"),
    }
)


class DelegationCompleted(Event):
    """The results of a group are final; `outcome` says whether it achieved what was asked."""

    kind: ClassVar[str] = "training.delegation.completed"
    about: ClassVar[str] = "delegation"

    delegation_id: UUID
    initiative_id: UUID | None
    cooperative_id: UUID | None
    organisation_id: str
    tool_code: str
    programme_code: str
    training_session_id: UUID
    outcome: str
    decided_on: date
    members_trained: int
    women_trained: int
    youth_trained: int


class _CertificateEvent(Event):
    about: ClassVar[str] = "training-certificate"

    certificate_id: UUID
    delegation_id: UUID
    initiative_id: UUID | None
    cooperative_id: UUID | None
    organisation_id: str
    tool_code: str
    programme_code: str
    outcome: str
    awarded_on: date
    valid_until: date | None


class CertificateIssued(_CertificateEvent):
    """A group holds a certificate."""

    kind: ClassVar[str] = "training.certificate.issued"


class CertificateSuspended(_CertificateEvent):
    """For now the certificate must not be relied upon."""

    kind: ClassVar[str] = "training.certificate.suspended"
    reason_code: str


class CertificateReinstated(_CertificateEvent):
    """The suspension is lifted."""

    kind: ClassVar[str] = "training.certificate.reinstated"


class CertificateRevoked(_CertificateEvent):
    """The certificate will never hold again; `SUPERSEDED` when another replaces it."""

    kind: ClassVar[str] = "training.certificate.revoked"
    reason_code: str

"""What becomes of a certificate, on the wire."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Incoming
from chassis.fields import Id
from services.training.certificates.models import ReasonCode
from services.training.fields import Code, Reason


class SuspensionWrite(Incoming):
    """Why the certificate must not be relied upon for now; the code is public."""

    reason_code: Code
    note: Reason


class RevocationWrite(Incoming):
    """A proposal to revoke; a second person must approve it. The code is public."""

    reason_code: ReasonCode
    note: Reason


class RevocationApprovalWrite(Incoming):
    """Which proposal a second person approves."""

    revocation_id: Id


class RevocationRead(BaseModel):
    """A proposal to revoke, and who approved it."""

    id: UUID
    certificate_id: UUID
    reason_code: ReasonCode
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None

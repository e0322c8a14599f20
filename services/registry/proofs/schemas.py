"""Proofs on the wire."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

VerificationStatus = Literal["VALID", "SUPERSEDED", "STRUCK_OFF"]


class CertifiedFacts(BaseModel):
    """What a certificate of registration attests."""

    cooperative_id: UUID
    registration_number: str
    name: str
    legal_form: str
    commune_code: str
    commune_name: str
    registered_on: date


class Verification(BaseModel):
    """The live answer to a code: what was attested, and whether it still holds."""

    code: str
    kind: Literal["REGISTRATION"]
    status: VerificationStatus
    facts: CertifiedFacts
    issued_at: datetime
    issuer: str
    kid: str
    credential: str

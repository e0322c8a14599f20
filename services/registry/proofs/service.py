"""Certificates: facts, signed; and the live answer about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.ids import new_code, new_id
from chassis.jose import Signer
from services.registry.cooperatives.models import Certificate, Cooperative
from services.registry.cooperatives.states import Life
from services.registry.proofs.schemas import (
    CertifiedFacts,
    Verification,
    VerificationStatus,
)

# the fields of the record that a certificate certifies
CERTIFIED = frozenset({"name", "legal_form", "commune_code"})


def issue(
    cooperative: Cooperative,
    commune_name: str,
    signer: Signer,
    public_base: str,
    *,
    filing_id: UUID,
) -> Certificate:
    """A certificate of what the register says by a filing, as a W3C verifiable credential in a
    JWT."""
    id, issued_at = new_id(), clock.now()
    facts = CertifiedFacts(
        cooperative_id=cooperative.id,
        registration_number=cooperative.registration_number,
        name=cooperative.name,
        legal_form=cooperative.legal_form.value,
        commune_code=cooperative.commune_code,
        commune_name=commune_name,
        registered_on=cooperative.registered_on,
    ).model_dump(mode="json")
    code = new_code("R")
    content = credential(id, facts, issued_at, base=public_base, code=code)
    return Certificate(
        id=id,
        cooperative_id=cooperative.id,
        filing_id=filing_id,
        verification_code=code,
        content=content,
        credential=signer.token(content, "vc+jwt"),
        kid=signer.kid,
        issued_at=issued_at,
    )


def credential(
    id: UUID, facts: dict[str, Any], issued_at: datetime, *, base: str, code: str
) -> dict[str, Any]:
    """The credential (W3C Verifiable Credentials 2.0) over `facts`."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": f"urn:uuid:{id}",
        "type": ["VerifiableCredential"],
        "issuer": base.removesuffix("/v1"),
        "validFrom": clock.wire(issued_at),
        "credentialSubject": {"id": f"urn:uuid:{facts['cooperative_id']}", **facts},
        "evidence": [{"id": f"{base}/verifications/{code}", "type": ["LiveVerification"]}],
    }


def answer(certificate: Certificate, cooperative: Cooperative) -> Verification:
    """Whether the certificate still says what the register says."""
    subject = certificate.content["credentialSubject"]
    return Verification(
        code=certificate.verification_code,
        kind="REGISTRATION",
        status=_status(subject, cooperative),
        facts=CertifiedFacts.model_validate({k: v for k, v in subject.items() if k != "id"}),
        issued_at=certificate.issued_at,
        issuer=certificate.content["issuer"],
        kid=certificate.kid,
        credential=certificate.credential,
    )


def _status(subject: dict[str, Any], cooperative: Cooperative) -> VerificationStatus:
    if cooperative.life in (Life.STRUCK_OFF, Life.ABSORBED):
        return "STRUCK_OFF"
    now = (cooperative.name, cooperative.legal_form.value, cooperative.commune_code)
    then = (subject["name"], subject["legal_form"], subject["commune_code"])
    return "VALID" if now == then else "SUPERSEDED"

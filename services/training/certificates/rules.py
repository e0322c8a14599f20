"""A certificate as an Open Badges 3.0 credential: which facts it states, and how.

Profile of the OB 3.0 JWT proof: `typ` left out (it breaks no MUST of either standard), `iss`,
`jti`, `sub`, `nbf` and `exp` equal to their twins in the credential, `kid` an address that answers
with a bare JWK. The subject is a group and an opaque `urn:uuid:`; no person is named.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis import clock
from services.training.completions.schemas import CompletionOutcome
from services.training.tools.schemas import CompletionRule

CONTEXTS = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
ISSUER_NAME = "Ministère de la Microfinance et de l'Économie sociale et solidaire (Sénégal)"
_TYPES = {
    CompletionOutcome.ACHIEVED: "CertificateOfCompletion",
    CompletionOutcome.PARTICIPATED: "ext:CertificateOfParticipation",
}
_NAMES = {
    CompletionOutcome.ACHIEVED: "Attestation de réussite",
    CompletionOutcome.PARTICIPATED: "Attestation de participation",
}


@dataclass(frozen=True)
class Award:
    """The facts of a certificate. Every text is printed as it was on the day of issue."""

    certificate_id: UUID
    number: str
    verification_code: str
    delegation_id: UUID
    holder_name: str
    programme_version_id: UUID
    programme_title: str
    programme_semver: str
    criteria: str
    attribution: str
    outcome: CompletionOutcome
    awarded_on: date
    valid_from: datetime
    valid_until: datetime | None
    held_from: datetime | None
    held_until: datetime | None
    is_recorded_late: bool


def criteria(rule: CompletionRule) -> str:
    """What was asked, in a sentence."""
    works = ", ".join(rule.deliverables)
    return (
        f"Productions du groupe acceptées : {works} ; au moins {rule.min_members_completing}"
        f" membres présents à {rule.min_attendance_percent} % ou plus."
    )


def credential(award: Award, public_url: str) -> dict[str, Any]:
    """The credential itself."""
    base = f"{public_url}/v1"
    until = {"validUntil": clock.wire(award.valid_until)} if award.valid_until else {}
    return {
        "@context": CONTEXTS,
        "id": f"urn:uuid:{award.certificate_id}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{_NAMES[award.outcome]} : {award.programme_title}",
        "issuer": {
            "id": public_url,
            "type": ["Profile"],
            "name": ISSUER_NAME,
            "url": public_url,
        },
        "validFrom": clock.wire(award.valid_from),
        **until,
        "awardedDate": f"{award.awarded_on.isoformat()}T00:00:00.000Z",
        "credentialSubject": _subject(award, base),
        "evidence": [_evidence(award, base)],
    }


def _subject(award: Award, base: str) -> dict[str, Any]:
    held = {"activityStartDate": award.held_from, "activityEndDate": award.held_until}
    return {
        "id": f"urn:uuid:{award.delegation_id}",
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": award.holder_name,
                "identityType": "name",
            }
        ],
        **{name: clock.wire(at) for name, at in held.items() if at is not None},
        "achievement": {
            "id": f"{base}/programme-versions/{award.programme_version_id}",
            "type": ["Achievement"],
            "achievementType": _TYPES[award.outcome],
            "name": award.programme_title,
            "description": award.attribution,
            "criteria": {"narrative": award.criteria},
            "version": award.programme_semver,
            "inLanguage": "fr",
            "humanCode": award.number,
        },
    }


def _evidence(award: Award, base: str) -> dict[str, Any]:
    late = "Session saisie après sa tenue. " if award.is_recorded_late else ""
    return {
        "id": f"{base}/verifications/{award.verification_code}",
        "type": ["Evidence"],
        "name": "Statut en temps réel",
        "narrative": f"{late}Attestation n° {award.number}, code {award.verification_code}.",
    }


def claims(content: dict[str, Any]) -> dict[str, Any]:
    """The payload of the JWT: the credential, with its twins among the registered claims."""
    until = content.get("validUntil")
    return {
        **content,
        "iss": content["issuer"]["id"],
        "jti": content["id"],
        "sub": content["credentialSubject"]["id"],
        "nbf": _seconds(content["validFrom"]),
        **({"exp": _seconds(until)} if until else {}),
    }


def _seconds(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp())


def valid_until(valid_from: datetime, months: int | None) -> datetime | None:
    """The end of a validity counted in calendar months; a day that does not exist is the last."""
    if months is None:
        return None
    years, month = divmod(valid_from.month - 1 + months, 12)
    year = valid_from.year + years
    day = min(valid_from.day, monthrange(year, month + 1)[1])
    return valid_from.replace(year=year, month=month + 1, day=day)

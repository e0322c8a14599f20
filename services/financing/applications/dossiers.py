"""What lenders study: composed at submission, without any person, and hashed."""

from typing import Any

from chassis.canonical import canonical, sha256
from services.financing.applications.models import Application
from services.financing.applications.schemas import Wish
from services.financing.eligibility.rules import Facts

_COOPERATIVE = {
    "registration_number", "name", "legal_form", "commune_code", "path", "sector_codes",
    "cps_tags", "members_count", "women_count", "youth_count", "has_woman_president",
    "organs_complete", "registered_on", "status",
}  # fmt: skip
Dossier = dict[str, Any]


def compose(application: Application, facts: Facts) -> tuple[Dossier, str]:
    """The dossier of a submission and the SHA-256 of its RFC 8785 form."""
    wished = set(Wish.model_fields) - {"external_ref"}
    dossier: Dossier = {
        "application_id": str(application.id),
        "reference": application.reference,
        "product_code": application.product_code,
        "wish": application.model_dump(mode="json", include=wished),
        "cooperative": {
            "cooperative_id": str(facts.cooperative.id),
            **facts.cooperative.model_dump(mode="json", include=_COOPERATIVE),
        },
        "trainings": [
            {"tool_code": code, "achieved_on": day.isoformat()}
            for code, day in sorted(facts.trained.items())
        ],
        "information": [],
    }
    return dossier, digest(dossier)


def digest(dossier: Dossier) -> str:
    """The SHA-256 of the RFC 8785 form of a dossier: what a lender signs that it studied."""
    return sha256(canonical(dossier))

"""The words of the verification page, in both languages."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chassis.catalogue import Language

_DAKAR = ZoneInfo("Africa/Dakar")
_MONTHS: dict[Language, str] = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
_Pair = tuple[str, str]

KINDS: dict[str, _Pair] = {
    "REGISTRATION": ("Certificat d'immatriculation", "Certificate of registration"),
    "TRAINING": ("Attestation de formation", "Certificate of training"),
    "FINANCING": ("Attestation de financement", "Certificate of financing"),
}
STATUSES: dict[str, _Pair] = {
    "VALID": ("✓ Valide", "✓ Valid"),
    "SUPERSEDED": ("✗ Remplacé par un certificat plus récent", "✗ Replaced by a newer certificate"),
    "STRUCK_OFF": ("✗ Coopérative radiée", "✗ Cooperative struck off"),
    "SUSPENDED": ("✗ Suspendu", "✗ Suspended"),
    "REVOKED": ("✗ Révoqué", "✗ Revoked"),
    "EXPIRED": ("✗ Expiré", "✗ Expired"),
    "NOT_YET_VALID": ("✗ Pas encore valable", "✗ Not yet valid"),
}
LABELS: dict[str, _Pair] = {
    "status_reason": ("Motif", "Reason"),
    "registration_number": ("Numéro d'immatriculation", "Registration number"),
    "programme_title": ("Formation", "Programme"),
    "outcome": ("Résultat", "Outcome"),
    "legal_form": ("Forme juridique", "Legal form"),
    "commune_name": ("Commune", "Commune"),
    "registered_on": ("Immatriculée le", "Registered on"),
    "awarded_on": ("Obtenu le", "Awarded on"),
    "issued_at": ("Délivré le", "Issued on"),
    "valid_until": ("Valable jusqu'au", "Valid until"),
    "issuer": ("Délivré par", "Issued by"),
    "number": ("Numéro", "Number"),
    "code": ("Code de vérification", "Verification code"),
}
VALUES: dict[str, _Pair] = {
    "ACHIEVED": ("Objectifs atteints", "Objectives achieved"),
    "PARTICIPATED": ("Participation", "Participation"),
    "NOT_MET": ("Objectifs non atteints", "Objectives not met"),
}
SENTENCES: dict[str, _Pair] = {
    "unknown": ("Certificat inconnu", "Unknown certificate"),
    "unknown_status": ("✗ Aucun certificat ne porte ce code", "✗ No certificate bears this code"),
    "unknown_why": (
        "Vérifiez le code imprimé sous le carré à scanner. S'il est exact, ce document n'a pas été"
        " délivré par la plateforme.",
        "Check the code printed below the square. If the code is right, this document was not"
        " issued by the platform.",
    ),
    "away": ("Vérification impossible pour l'instant", "Cannot be verified for now"),
    "away_status": ("… Réessayez dans un instant", "… Try again in a moment"),
    "away_why": (
        "Le service qui connaît ce certificat ne répond pas. Cela ne dit rien du certificat.",
        "The service that knows this certificate does not answer. That says nothing about it.",
    ),
    "note": (
        "Réponse en direct du registre : elle peut changer. L'adresse de cette page doit commencer"
        " par {base}.",
        "A live answer of the register: it may change. The address of this page must begin with"
        " {base}.",
    ),
}


def say(table: dict[str, _Pair], key: str, language: Language) -> str:
    """The entry of `table`; a key that it does not have is shown as words."""
    pair = table.get(key)
    if pair is None:
        return key.replace("_", " ").capitalize()
    return pair[0] if language == "fr" else pair[1]


def value(given: Any, language: Language) -> str:
    """A value as people write it: dates in words, instants in Dakar's time."""
    text = str(given)
    if text in VALUES:
        return say(VALUES, text, language)
    try:
        if len(text) == 10:
            return _day(date.fromisoformat(text), language)
        if len(text) > 18 and "T" in text:
            return _day(datetime.fromisoformat(text).astimezone(_DAKAR).date(), language)
    except ValueError:
        pass
    return text


def _day(day: date, language: Language) -> str:
    return f"{day.day} {_MONTHS[language].split()[day.month - 1]} {day.year}"

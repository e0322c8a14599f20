"""A record of access in a sentence that the person understands."""

from chassis.catalogue import Language
from services.registry.accesses.models import Capacity, DataAccess
from services.registry.purposes import NAMED

_WHO = {
    Capacity.AGENT: ("Un agent du ministère", "An agent of the ministry"),
    Capacity.COOPERATIVE: ("Votre coopérative", "Your cooperative"),
    Capacity.FILER: ("La personne qui a préparé le dossier", "Whoever prepared the file"),
    Capacity.CLIENT: (
        "Une application à laquelle votre coopérative a ouvert son dossier",
        "An application to which your cooperative opened its record",
    ),
    Capacity.SUBJECT: ("Vous", "You"),
    Capacity.DATA_PROTECTION: (
        "Le service de protection des données",
        "The data protection service",
    ),
}
_FIELDS = {
    "family_name": ("nom", "family name"),
    "given_names": ("prénoms", "given names"),
    "birth_year": ("année de naissance", "year of birth"),
    "birth_date": ("date de naissance", "date of birth"),
    "nin": ("numéro d'identification", "identification number"),
    "phone": ("téléphone", "telephone"),
    "statement": ("texte de votre demande", "text of your request"),
}
_NUMBERS = ("nin", "phone", "birth_date")


def sentence(row: DataAccess, language: Language) -> str:
    """Who saw what, and why, in one sentence."""
    n = 0 if language == "fr" else 1
    who, why = _WHO[row.capacity][n], _why(row, n)
    verb = ("a vu", "saw")[n] if row.capacity != Capacity.SUBJECT else ("avez vu", "saw")[n]
    named = ", ".join(_FIELDS[name][n] for name in row.fields if name in _FIELDS)
    return (
        f"{who} {verb} : {named}{_how(row, n)}{why}."
        if n == 0
        else (f"{who} {verb}: {named}{_how(row, n)}{why}.")
    )


def _how(row: DataAccess, n: int) -> str:
    if row.is_whole or not set(_NUMBERS) & set(row.fields):
        return ""
    return (" (numéros masqués)", " (numbers masked)")[n]


def _why(row: DataAccess, n: int) -> str:
    if row.purpose is None:
        return ""
    label = NAMED[row.purpose][n]
    return f" ; {('motif', 'purpose')[n]} : {label}" if n == 0 else f"; purpose: {label}"

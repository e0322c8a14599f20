"""Which column means what: found by its title, in French or English, unless somebody said."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from chassis.errors import Finding
from chassis.logs import mask
from services.registry.names import fold


class ImportField(StrEnum):
    """What a column of a list may mean."""

    ROW_ID = "row_id"
    NAME = "name"
    ACRONYM = "acronym"
    LEGAL_FORM = "legal_form"
    REGION = "region"
    DEPARTMENT = "department"
    COMMUNE = "commune"
    OBJECT = "object"
    COMMON_BOND = "common_bond"
    SECTORS = "sectors"
    CPS_TAGS = "cps_tags"
    CPS_STATUS = "cps_status"
    CPS_RECOGNISED_ON = "cps_recognised_on"
    CPS_REFERENCE = "cps_reference"
    MEMBERS_COUNT = "members_count"
    WOMEN_COUNT = "women_count"
    MEN_COUNT = "men_count"
    FOUNDED_ON = "founded_on"
    COUNTRY = "country"
    NINEA = "ninea"
    RCCM = "rccm"
    RECEIPT_NUMBER = "receipt_number"
    RECEIPT_DATE = "receipt_date"
    RECEIPT_AUTHORITY = "receipt_authority"
    ESS_AGREEMENT_NUMBER = "ess_agreement_number"
    ESS_AGREEMENT_DATE = "ess_agreement_date"
    ESS_AGREEMENT_AUTHORITY = "ess_agreement_authority"
    RSC_NUMBER = "rsc_number"
    RSC_DATE = "rsc_date"
    RSC_AUTHORITY = "rsc_authority"
    PROOF = "proof"
    ORIGIN = "origin"
    ORGANISATION_ID = "organisation_id"


F = ImportField
# Titles as they stand in lists, folded; the name of the field itself is always one of them.
_TITLES: dict[ImportField, str] = {
    F.ROW_ID: "id|identifiant|identifiant ligne|numero|no|n|code|matricule|numero d ordre",
    F.NAME: "nom|denomination|denomination sociale|raison sociale|organisation|intitule"
    "|nom de la cooperative|nom de l organisation|cooperative|nom cps|nom de la cps",
    F.ACRONYM: "sigle|acronyme|abreviation",
    F.LEGAL_FORM: "forme juridique|forme|legal type|type juridique|statut juridique",
    F.REGION: "region|nom region|region administrative",
    F.DEPARTMENT: "departement|nom departement|code departement",
    F.COMMUNE: "commune|nom commune|commune du siege|siege|siege social|code commune|commune code",
    F.OBJECT: "objet|objet social|activite principale|activites|description",
    F.COMMON_BOND: "lien commun",
    F.SECTORS: "secteur|secteurs|sector|sector isic|secteur d activite|code activite|code citi"
    "|filiere|filieres|sector codes",
    F.CPS_TAGS: "type de cps|type cps|categorie cps",
    F.CPS_STATUS: "statut cps|reconnaissance cps|cps reconnue|statut programme|statut precosol",
    F.CPS_RECOGNISED_ON: "date de reconnaissance|date reconnaissance|date de reconnaissance cps"
    "|reconnue le",
    F.CPS_REFERENCE: "numero de reconnaissance|no de reconnaissance|n de reconnaissance"
    "|no reconnaissance|n reconnaissance|reference de reconnaissance|reference reconnaissance",
    F.MEMBERS_COUNT: "membres|members|members total|nombre de membres|nombre membres|effectif"
    "|total membres|adherents|nombre d adherents",
    F.WOMEN_COUNT: "femmes|members women|women|nombre de femmes|nombre femmes|dont femmes",
    F.MEN_COUNT: "hommes|members men|men|nombre d hommes|nombre hommes|dont hommes",
    F.FOUNDED_ON: "date de creation|date creation|creee le|cree le|created on|annee de creation"
    "|date de constitution|date assemblee constitutive",
    F.COUNTRY: "pays",
    F.NINEA: "no ninea|n ninea|numero ninea",
    F.RCCM: "no rccm|n rccm|numero rccm|registre de commerce",
    F.RECEIPT_NUMBER: "recepisse|no recepisse|n recepisse|numero recepisse|numero de recepisse",
    F.RECEIPT_DATE: "date recepisse|date du recepisse",
    F.RECEIPT_AUTHORITY: "autorite recepisse|autorite du recepisse",
    F.ESS_AGREEMENT_NUMBER: "agrement|agrement ess|no agrement|n agrement|numero agrement"
    "|numero d agrement",
    F.ESS_AGREEMENT_DATE: "date agrement|date d agrement",
    F.ESS_AGREEMENT_AUTHORITY: "autorite agrement",
    F.RSC_NUMBER: "rsc|no rsc|n rsc|numero rsc",
    F.RSC_DATE: "date rsc",
    F.RSC_AUTHORITY: "autorite rsc",
    F.PROOF: "piece|justificatif|preuve",
    F.ORIGIN: "source|provenance",
}
_BY_TITLE = {
    title: field
    for field, titles in _TITLES.items()
    for title in (*titles.split("|"), fold(field.value))
}
# What the words in such columns mean, folded.
FORMS = {
    "SCOOPS": "scoops|scoop|societe cooperative simplifiee",
    "COOP_CA": "coop ca|societe cooperative avec conseil d administration",
    "UNION": "union|union de cooperatives|union cooperatives|union de societes cooperatives",
    "FEDERATION": "federation|federation de cooperatives",
    "CONFEDERATION": "confederation|confederation de cooperatives",
    "AER": "aer|association|association entreprenante responsable|cps",
}
FORM_OF = {word: form for form, words in FORMS.items() for word in words.split("|")}
_TAGS = {"corporative": "CORPORATIVE", "mixte": "MIXTE", "diaspora": "DIASPORA",
         "evenementielle": "EVENEMENTIELLE"}  # fmt: skip

_CPS_STATUSES = {
    "OUTSIDE": "outside|hors programme|non|no|non reconnue",
    "CANDIDATE": "candidate|candidat|en cours|en cours de reconnaissance",
    "RECOGNISED": "recognised|reconnue|reconnu|oui|yes|cps reconnue",
    "SUSPENDED": "suspended|suspendue|suspendu",
    "WITHDRAWN": "withdrawn|retiree|retire|radiee du programme",
}
CPS_STATUS_OF = {word: one for one, words in _CPS_STATUSES.items() for word in words.split("|")}


def tag_of(word: str) -> str | None:
    """The type of CPS that a word names, if it is one."""
    return _TAGS.get(fold(word))


# Where a list says a number that somebody else gave: scheme, number, day, authority.
NUMBERS: tuple[tuple[str, F, F | None, F | None], ...] = (
    ("NINEA", F.NINEA, None, None),
    ("RCCM", F.RCCM, None, None),
    ("ASSOCIATION_RECEIPT", F.RECEIPT_NUMBER, F.RECEIPT_DATE, F.RECEIPT_AUTHORITY),
    ("ESS_AGREEMENT", F.ESS_AGREEMENT_NUMBER, F.ESS_AGREEMENT_DATE, F.ESS_AGREEMENT_AUTHORITY),
    ("RSC", F.RSC_NUMBER, F.RSC_DATE, F.RSC_AUTHORITY),
)
Column = dict[str, Any]
_YEARS = r"(?:19|20)\d\d[\W_]{1,3}(?:19|20)\d\d"  # of a campaign, and nobody's
_NUMBER = re.compile(rf"(?<!\d)(?!{_YEARS}(?!\d))\d(?:[\W_]{{0,9}}\d){{6,}}")
_MONTH = r"(?:jan|f[eé][vb]|mar|avr|apr|mai|may|ju[inl]|ao[uû]|aug|sep|oct|nov|d[eé]c)[^\W\d_]*"
_DAY = re.compile(
    rf"\d{{1,4}}\s{{0,3}}([\s._/–-])\s{{0,3}}\d{{1,2}}\s{{0,3}}\1\s{{0,3}}\d{{1,4}}"
    rf"|\d{{1,2}}(?:er)?[\W_]{{0,9}}{_MONTH}[\W_]{{0,9}}\d{{2,4}}",
    re.IGNORECASE,
)


def kept_title(text: str) -> str:
    """A title as it is kept. A list without titles shows its first row as titles: what is a number
    or the birth date of somebody, or their address, is kept nowhere in the clear."""
    composed = unicodedata.normalize("NFC", text)
    return _DAY.sub("[masked]", _NUMBER.sub("[masked]", mask(composed)))[:200]


def understood(header: Sequence[str | None], said: Iterable[Column] | None) -> list[Column]:
    """Each column with its field: what somebody said, or else what its title says."""
    told = {fold(one["column"]): one for one in said or ()}
    return [_column(n, title, told) for n, title in enumerate(header)]


def _column(n: int, title: str | None, told: dict[str, Column]) -> Column:
    name = kept_title(title or "")
    key = fold(name)
    if name and key in told:
        return {"index": n, "column": name, "field": told[key].get("field"), "is_guess": False}
    field = _BY_TITLE.get(key)
    return {"index": n, "column": name, "field": field.value if field else None, "is_guess": True}


def header_findings(columns: Sequence[Column], said: Iterable[Column] | None) -> list[Finding]:
    """What is wrong with the columns as a whole; whoever corrects the mapping corrects these."""
    return [*_missing(columns, said), *_doubled(columns), *_untitled(columns)]


def _missing(columns: Sequence[Column], said: Iterable[Column] | None) -> Iterable[Finding]:
    titles = {fold(one["column"]) for one in columns}
    for n, one in enumerate(said or ()):
        if fold(one["column"]) not in titles:
            yield Finding(code="COLUMN_NOT_IN_FILE", pointer=f"/mapping/{n}/column")
    if F.NAME.value not in {one["field"] for one in columns}:
        yield Finding(code="COLUMN_MISSING", pointer="/mapping", params={"field": F.NAME.value})


def _doubled(columns: Sequence[Column]) -> Iterable[Finding]:
    """Two columns that mean one thing: neither is believed."""
    fields = Counter(one["field"] for one in columns if one["field"])
    for field, count in fields.items():
        if count > 1:
            params = {"field": field, "columns": _places(columns, field)}
            yield Finding(code="COLUMN_DOUBLED", pointer="/mapping", params=params)
    titles = Counter(fold(one["column"]) for one in columns if one["column"])
    unread = {fold(one["column"]) for one in columns if not one["field"]}
    for title, count in titles.items():
        if count > 1 and title in unread:
            place = [one["index"] + 1 for one in columns if fold(one["column"]) == title]
            params = {"field": "–", "columns": ", ".join(map(str, place))}
            yield Finding(code="COLUMN_DOUBLED", pointer="/mapping", severity="WARN", params=params)


def _places(columns: Sequence[Column], field: str) -> str:
    return ", ".join(str(one["index"] + 1) for one in columns if one["field"] == field)


def _untitled(columns: Sequence[Column]) -> Iterable[Finding]:
    unread = [str(one["index"] + 1) for one in columns if not one["field"]]
    if unread:
        params = {"columns": ", ".join(unread)}
        yield Finding(code="COLUMNS_UNREAD", pointer="/mapping", severity="WARN", params=params)

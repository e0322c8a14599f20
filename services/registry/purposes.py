"""Why somebody reads personal fields: said with the request, kept with the record of it."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Header

from chassis.errors import Finding, MalformedRequest


class PurposeOfUse(StrEnum):
    """What an agent may need whole personal fields for; also a code list."""

    INSTRUCTION = "INSTRUCTION"
    CONTROL = "CONTROL"
    RECTIFICATION = "RECTIFICATION"
    SUBJECT_REQUEST = "SUBJECT_REQUEST"
    LEGAL_REQUEST = "LEGAL_REQUEST"


NAMED = {
    PurposeOfUse.INSTRUCTION: ("Instruction d'un dossier", "Examination of a file"),
    PurposeOfUse.CONTROL: ("Contrôle d'une coopérative", "Inspection of a cooperative"),
    PurposeOfUse.RECTIFICATION: ("Rectification d'une donnée", "Rectification of data"),
    PurposeOfUse.SUBJECT_REQUEST: (
        "Demande de la personne concernée",
        "Request of the person concerned",
    ),
    PurposeOfUse.LEGAL_REQUEST: (
        "Réquisition d'une autorité habilitée",
        "Requisition of a competent authority",
    ),
}
_WORDS = [purpose.value for purpose in PurposeOfUse]
_SHOWN: dict[str, Any] = {"enum": _WORDS}


async def _purpose(
    purpose_of_use: Annotated[
        str | None,
        Header(
            alias="Purpose-Of-Use",
            description="why personal fields are read; see the code list `purposes-of-use`",
            json_schema_extra=_SHOWN,
        ),
    ] = None,
) -> PurposeOfUse | None:
    if purpose_of_use is None:
        return None
    if purpose_of_use not in _WORDS:
        params = {"expected": ", ".join(_WORDS)}
        found = Finding(code="FIELD_INVALID", header="Purpose-Of-Use", params=params)
        raise MalformedRequest(findings=[found])
    return PurposeOfUse(purpose_of_use)


Purpose = Annotated[PurposeOfUse | None, Depends(_purpose)]

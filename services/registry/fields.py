"""The registry's own field types and its closed lists of words."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from chassis.fields import Day, between
from services.registry.names import has_hidden_characters

# what a letter may hold beside plain text: lines, and the joiner of composed pictures
_OF_LETTERS = str.maketrans("", "", "\t\n\r\u200d")


def _plain(text: str) -> str:
    if has_hidden_characters(text):
        raise PydanticCustomError("TEXT_HIDDEN_CHARACTERS", "Hidden characters.")
    return text


def _prose(text: str) -> str:
    _plain(text.translate(_OF_LETTERS))
    return text


# texts outside of payloads, whose own are asked by `texts_are_plain` at submission
Plain = AfterValidator(_plain)
Prose = AfterValidator(_prose)
Text = Annotated[str, Field(max_length=500)]
Short = Annotated[str, Field(max_length=200)]
Code = Annotated[str, Field(max_length=40)]
Tag = Annotated[str, Field(max_length=40, pattern=r"^[A-Z][A-Z0-9_]*$")]
UNCLAIMED = "unclaimed-"  # the owner of a record for which nobody speaks yet begins so
Organisation = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$", max_length=64)]
Ref = Annotated[str, Field(min_length=1, max_length=64)]
Amount = Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]
Signed = Annotated[int, Field(ge=-9_007_199_254_740_991, le=9_007_199_254_740_991)]
Legal = Annotated[Day, between(date(1900, 1, 1), date(2200, 1, 1))]


class LegalForm(StrEnum):
    """Forms of AUSCOOP, and the association that a CPS may still be (AER)."""

    SCOOPS = "SCOOPS"
    COOP_CA = "COOP_CA"
    UNION = "UNION"
    FEDERATION = "FEDERATION"
    CONFEDERATION = "CONFEDERATION"
    AER = "AER"


class Sex(StrEnum):
    """As declared; never derived from a number."""

    F = "F"
    M = "M"
    NOT_STATED = "NOT_STATED"


class Organ(StrEnum):
    """Who manages, who supervises."""

    MANAGING = "MANAGING"
    SUPERVISORY = "SUPERVISORY"


class FilingType(StrEnum):
    """The typed acts by which alone the register changes."""

    REGISTRATION = "REGISTRATION"
    CHANGE_OF_NAME = "CHANGE_OF_NAME"
    CHANGE_OF_SEAT = "CHANGE_OF_SEAT"
    CHANGE_OF_OBJECT = "CHANGE_OF_OBJECT"
    CHANGE_OF_BYLAWS = "CHANGE_OF_BYLAWS"
    CHANGE_OF_OFFICERS = "CHANGE_OF_OFFICERS"
    CHANGE_OF_MEMBERSHIP = "CHANGE_OF_MEMBERSHIP"
    CHANGE_OF_CAPITAL = "CHANGE_OF_CAPITAL"
    ANNUAL_RETURN = "ANNUAL_RETURN"
    CPS_RECOGNITION = "CPS_RECOGNITION"
    CPS_SUSPENSION = "CPS_SUSPENSION"
    CPS_WITHDRAWAL = "CPS_WITHDRAWAL"
    ESS_AGREEMENT = "ESS_AGREEMENT"
    RSC_ATTESTATION = "RSC_ATTESTATION"
    TRANSFORMATION = "TRANSFORMATION"
    DISSOLUTION = "DISSOLUTION"
    LIQUIDATION_CLOSE = "LIQUIDATION_CLOSE"
    STRIKE_OFF = "STRIKE_OFF"
    COURT_ORDER = "COURT_ORDER"
    HANDOVER = "HANDOVER"
    CORRECTION = "CORRECTION"
    REGISTRAR_NOTE = "REGISTRAR_NOTE"


class HandoverGround(StrEnum):
    """What shows that an organisation speaks for a record."""

    MINUTES = "MINUTES"
    OFFICER_IDENTIFIED = "OFFICER_IDENTIFIED"
    AUTHORITY_REQUEST = "AUTHORITY_REQUEST"


class ExitReason(StrEnum):
    """Why somebody is a member no longer."""

    WITHDRAWAL = "WITHDRAWAL"
    EXCLUSION = "EXCLUSION"
    DEATH = "DEATH"
    TRANSFER = "TRANSFER"
    OTHER = "OTHER"


class MemberKind(StrEnum):
    """Natural and legal persons may be members (AUSCOOP art. 7)."""

    NATURAL = "NATURAL"
    LEGAL = "LEGAL"


class Signing(StrEnum):
    """How somebody signed on paper. A fingerprint is as good as a signature; none is kept here."""

    SIGNATURE = "SIGNATURE"
    FINGERPRINT = "FINGERPRINT"


class IdentifierScheme(StrEnum):
    """Numbers that other registers gave."""

    NINEA = "NINEA"
    RCCM = "RCCM"
    ASSOCIATION_RECEIPT = "ASSOCIATION_RECEIPT"


class DissolutionReason(StrEnum):
    """Why a cooperative ends (AUSCOOP art. 177)."""

    TERM_REACHED = "TERM_REACHED"
    OBJECT_ACHIEVED = "OBJECT_ACHIEVED"
    OBJECT_EXTINCT = "OBJECT_EXTINCT"
    ANNULMENT = "ANNULMENT"
    MEMBERS_DECISION = "MEMBERS_DECISION"
    COURT_DECISION = "COURT_DECISION"
    LIQUIDATION_JUDGMENT = "LIQUIDATION_JUDGMENT"
    STATUTORY_CAUSE = "STATUTORY_CAUSE"


class Beneficiary(StrEnum):
    """Who receives what is left: cooperatives or who promotes them (AUSCOOP art. 182)."""

    COOPERATIVE = "COOPERATIVE"
    PROMOTING_BODY = "PROMOTING_BODY"
    MEMBERS = "MEMBERS"
    OTHER = "OTHER"


class StrikeOffGround(StrEnum):
    """On what ground the registrar strikes a record off."""

    COURT_DECISION = "COURT_DECISION"
    LIQUIDATION_CLOSED = "LIQUIDATION_CLOSED"
    DUPLICATE_RECORD = "DUPLICATE_RECORD"


class CourtMeasure(StrEnum):
    """What a court ordered."""

    DISSOLUTION = "DISSOLUTION"
    STRIKE_OFF = "STRIKE_OFF"
    PROVISIONAL_ADMINISTRATION = "PROVISIONAL_ADMINISTRATION"
    END_OF_ADMINISTRATION = "END_OF_ADMINISTRATION"
    EXPERTISE = "EXPERTISE"
    OTHER = "OTHER"


class ReportAuthor(StrEnum):
    """Who reported on a transformation."""

    EXPERT = "EXPERT"
    APEX = "APEX"

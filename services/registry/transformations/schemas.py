"""TRANSFORMATION: a cooperative of another form."""

from typing import Annotated

from pydantic import Field

from services.registry.acts import Decided
from services.registry.bylaws.schemas import Holding
from services.registry.fields import (
    Amount,
    Code,
    IdentifierScheme,
    Legal,
    LegalForm,
    ReportAuthor,
    Short,
    Signed,
    Text,
)
from services.registry.mandates.schemas import MandateEnd
from services.registry.programme.schemas import RscProof
from services.registry.registrations.schemas import OfficerWrite


class Transformation(Decided):
    """TRANSFORMATION: another form. Between forms of AUSCOOP the legal person stays (art. 167); an
    association that becomes a cooperative keeps its record here, which says what it succeeds to,
    under the RSC number that was given to it. `ended_identifiers` are numbers of other registers
    that it no longer bears: a cooperative leaves the RCCM (art. 74, 77)."""

    to_form: LegalForm | None = None
    name: Short | None = None
    object: Text | None = None
    sector_codes: Annotated[list[Code], Field(max_length=20)] | None = None
    ended_identifiers: Annotated[list[IdentifierScheme], Field(max_length=10)] | None = None
    share_value_xof: Amount | None = None
    capital_xof: Amount | None = None
    holdings: Annotated[list[Holding], Field(max_length=5000)] | None = None
    ends: Annotated[list[MandateEnd], Field(max_length=100)] | None = None
    mandates: Annotated[list[OfficerWrite], Field(max_length=100)] | None = None
    equity_xof: Signed | None = None
    approved_balance_sheets: Annotated[list[Legal], Field(max_length=5)] | None = None
    report_by: ReportAuthor | None = None
    rsc: RscProof | None = None

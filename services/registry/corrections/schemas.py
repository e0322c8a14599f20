"""What the registrar puts right or puts on record."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming
from chassis.fields import Id
from services.registry.bylaws.schemas import Holding
from services.registry.fields import Amount, Code, Legal, Organ, Organisation, Short, Tag, Text
from services.registry.mandates.schemas import MandateEnd
from services.registry.programme.schemas import Number, RscProof
from services.registry.registrations.schemas import DocumentRef, Identifier, PersonName, Seat
from services.registry.returns.schemas import Accounts, Workforce


class CorrectedFields(Incoming):
    """The right values of what a filing said wrongly."""

    name: Short | None = None
    object: Text | None = None
    common_bond: Text | None = None
    seat: Seat | None = None
    sector_codes: Annotated[list[Code], Field(max_length=20)] | None = None
    cps_tags: Annotated[list[Tag], Field(max_length=10)] | None = None
    share_value_xof: Amount | None = None
    capital_xof: Amount | None = None


class CorrectedMandate(Incoming):
    """The right terms of a mandate that a filing entered; in another organ, with what its rules ask
    of who sits there."""

    mandate_id: Annotated[str, Field(min_length=1, max_length=64)]
    organ: Organ | None = None
    function: Tag | None = None
    from_on: Legal | None = None
    to_on: Legal | None = None
    is_linked: bool | None = None
    representative: PersonName | None = None


class CorrectedEnd(MandateEnd):
    """When a mandate ended in fact, up to today; without `ended_on`, on the day from which the
    filing holds that ended it. `is_undone`: it did not end, and is held as though nobody had said
    so."""

    is_undone: bool | None = None


class CorrectedReturn(Incoming):
    """The right values of an annual return; figures that are not stated stay."""

    year_end_on: Legal | None = None
    assembly_on: Legal | None = None
    accounts: Accounts | None = None
    workforce: Workforce | None = None
    auditor: Short | None = None


class CorrectedAgreement(Incoming):
    """The right terms of an agrément of the social and solidarity economy."""

    number: Number | None = None
    authority: Short | None = None
    from_on: Legal | None = None
    to_on: Legal | None = None


class Correction(Incoming):
    """CORRECTION: an approved filing was wrong. The entry it made stays and is flagged; the right
    values hold from the day on which the wrong ones did. `rsc` is the right number with its whole
    proof; `identifiers` are the right numbers of the kinds that the filing stated; `ends` are the
    right days of mandates that the filing ended, or say that one did not end. `null` in `fields`,
    `mandates`, `annual_return` or `ess_agreement` empties what the filing should not have said,
    where the law lets it be left open; what is absent stays."""

    corrects_filing_id: Id | None = None
    reason: Text | None = None
    fields: CorrectedFields | None = None
    holdings: Annotated[list[Holding], Field(max_length=5000)] | None = None
    mandates: Annotated[list[CorrectedMandate], Field(max_length=100)] | None = None
    ends: Annotated[list[CorrectedEnd], Field(max_length=100)] | None = None
    annual_return: CorrectedReturn | None = None
    rsc: RscProof | None = None
    identifiers: Annotated[list[Identifier], Field(max_length=10)] | None = None
    ess_agreement: CorrectedAgreement | None = None
    organisation_id: Annotated[
        Organisation | None, Field(description="of a HANDOVER or a REGISTRATION: whose it is")
    ] = None
    documents: Annotated[list[DocumentRef], Field(max_length=50)] | None = None


class RegistrarNote(Incoming):
    """REGISTRAR_NOTE: something worth knowing, entered in the file; it changes nothing."""

    subject: Short | None = None
    note: Text | None = None
    documents: Annotated[list[DocumentRef], Field(max_length=50)] | None = None

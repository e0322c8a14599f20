"""Decisions of the ministry and of other authorities about a cooperative: its place in the CPS
programme, its ESS agrément, its number in the RSC."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming
from services.registry.acts import Decided
from services.registry.cooperatives.states import CpsAction, EssAction
from services.registry.fields import Legal, Ref, Short, Tag, Text
from services.registry.registrations.schemas import DocumentRef, Identifier

Number = Annotated[str, Field(min_length=1, max_length=60)]


class CpsRecognition(Decided):
    """CPS_RECOGNITION: accepted as a candidate, or recognised (which also ends a suspension)."""

    action: CpsAction | None = None
    reference: Short | None = None
    cps_tags: Annotated[list[Tag], Field(max_length=10)] | None = None


class CpsSuspension(Decided):
    """CPS_SUSPENSION: out of the programme for a while, with the reason."""

    reference: Short | None = None
    reason: Text | None = None


class CpsWithdrawal(Decided):
    """CPS_WITHDRAWAL: out of the programme, with the reason."""

    reference: Short | None = None
    reason: Text | None = None


class EssAgreement(Decided):
    """ESS_AGREEMENT: what was asked of the authority of the agrément, or decided by it. Its
    duration is not known to the register: `from_on` and `to_on` are what the decision says."""

    action: EssAction | None = None
    number: Number | None = None
    authority: Short | None = None
    from_on: Legal | None = None
    to_on: Legal | None = None
    reason: Text | None = None


class RscProof(Incoming):
    """The number that the keeper of the RSC gave, and what shows it."""

    number: Number | None = None
    authority: Short | None = None
    issued_on: Legal | None = None
    document_id: Ref | None = None


class RscAttestation(RscProof):
    """RSC_ATTESTATION: the cooperative is in the RSC, as its keeper attests. `identifiers` are
    numbers that other registers gave."""

    identifiers: Annotated[list[Identifier], Field(max_length=10)] | None = None
    documents: Annotated[list[DocumentRef], Field(max_length=50)] | None = None

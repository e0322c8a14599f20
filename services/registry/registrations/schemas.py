"""What a REGISTRATION declares. A draft may be partial: what is missing is named at submission."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming
from chassis.fields import Id
from services.registry.fields import (
    Amount,
    Code,
    IdentifierScheme,
    Legal,
    LegalForm,
    MemberKind,
    Organ,
    Ref,
    Sex,
    Short,
    Signing,
    Tag,
    Text,
)


class Seat(Incoming):
    """Where the cooperative has its seat."""

    commune_code: Code


class MemberWrite(Incoming):
    """A founding member. `id` is made by the client, so that work can go on offline. The name of a
    legal person stands in `family_name`; `delegate_of` is, in an apex body, the cooperative that
    sent the person; `signed` says how the act of membership was signed."""

    id: Ref
    kind: MemberKind | None = None
    delegate_of: Id | None = None
    family_name: Short | None = None
    given_names: Short | None = None
    sex: Sex | None = None
    birth_date: Legal | None = None
    birth_year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    nin: Annotated[str, Field(max_length=32)] | None = None
    phone: Annotated[str, Field(max_length=32)] | None = None
    shares: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    paid_xof: Amount | None = None
    signed: Signing | None = None


class PersonName(Incoming):
    """Somebody by name. The name of a legal person stands in `family_name`."""

    family_name: Short | None = None
    given_names: Short | None = None


class OfficerWrite(Incoming):
    """A mandate held by a member. `is_linked`: a supervisor who is a spouse, a relative in the
    first degree, a partner or a paid person of those who manage (AUSCOOP art. 258-259);
    `representative`: the natural person who sits for a legal person (art. 296)."""

    member_id: Ref
    organ: Organ | None = None
    function: Tag | None = None
    from_on: Legal | None = None
    to_on: Legal | None = None
    is_linked: bool | None = None
    representative: PersonName | None = None


class DocumentRef(Incoming):
    """A piece of the dossier."""

    code: Tag
    document_id: Ref


class SigningRule(Incoming):
    """Who binds the cooperative by the statutes: so many of these officers together, up to an
    amount, or without limit."""

    functions: Annotated[list[Tag], Field(min_length=1, max_length=10)]
    signatures: Annotated[int, Field(ge=1, le=10)] = 1
    up_to_xof: Amount | None = None


class Identifier(Incoming):
    """A number that another register gave."""

    scheme: IdentifierScheme
    number: Annotated[str, Field(min_length=1, max_length=60)]
    authority: Short | None = None
    issued_on: Legal | None = None


class Founder(Incoming):
    """A cooperative of this register that founds an apex body, or joins it."""

    cooperative_id: Id
    shares: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class Registration(Incoming):
    """What a REGISTRATION declares. A union, a federation or a confederation names its `founders`;
    its `members` are the delegates whom they sent."""

    legal_form: LegalForm | None = None
    name: Short | None = None
    object: Text | None = None
    common_bond: Text | None = None
    seat: Seat | None = None
    sector_codes: Annotated[list[Code], Field(max_length=20)] | None = None
    cps_tags: Annotated[list[Tag], Field(max_length=10)] | None = None
    assembly_on: Legal | None = None
    share_value_xof: Amount | None = None
    capital_xof: Amount | None = None
    members: Annotated[list[MemberWrite], Field(max_length=5000)] | None = None
    officers: Annotated[list[OfficerWrite], Field(max_length=100)] | None = None
    founders: Annotated[list[Founder], Field(max_length=500)] | None = None
    identifiers: Annotated[list[Identifier], Field(max_length=10)] | None = None
    statutes_items: (
        Annotated[list[Annotated[int, Field(ge=1, le=18)]], Field(max_length=18)] | None
    ) = None
    duration_years: Annotated[int, Field(ge=1, le=99)] | None = None
    mandate_years: Annotated[int, Field(ge=1, le=20)] | None = None
    share_cap_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    signing_rules: Annotated[list[SigningRule], Field(max_length=20)] | None = None
    documents: Annotated[list[DocumentRef], Field(max_length=50)] | None = None


class CompleteMember(MemberWrite):
    """A member with everything that a registration needs."""

    family_name: Short


class CompleteOfficer(OfficerWrite):
    """A mandate with everything that a registration needs."""

    organ: Organ
    function: Tag
    from_on: Legal


class CompleteRegistration(Registration):
    """A declaration that passed every rule: what may be entered in the register."""

    legal_form: LegalForm
    name: Short
    object: Text
    common_bond: Text
    seat: Seat
    sector_codes: list[Code]
    assembly_on: Legal
    members: list[CompleteMember]  # type: ignore[assignment]  # narrowed on purpose
    officers: list[CompleteOfficer]  # type: ignore[assignment]  # narrowed on purpose

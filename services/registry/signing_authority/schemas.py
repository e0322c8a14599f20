"""Signing authority checks on the wire."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.answers import Described
from chassis.bodies import Incoming
from chassis.fields import Id, Instant
from services.registry.cooperatives.states import Life
from services.registry.fields import Amount, Legal, LegalForm, Organ, Short
from services.registry.history.schemas import Representative
from services.registry.signing_authority.states import Binding

MOST_PERSONS = 20


class PersonToSign(Incoming):
    """A person who would sign, named in one way: by a mandate, as a member, or by both names, which
    may be those of who sits for a legal person. A mandate of a legal person names who sits there;
    as a member, it is named with everybody who sits for it."""

    mandate_id: Id | None = None
    member_id: Id | None = None
    family_name: Short | None = None
    given_names: Short | None = None


class CheckWrite(Incoming):
    """The question: these persons, together, for this amount, on this day (today if not said), as
    known at an instant (now if not said)."""

    persons: Annotated[list[PersonToSign], Field(min_length=1, max_length=MOST_PERSONS)]
    amount_xof: Amount
    on: Legal | None = None
    known_at: Instant | None = None


class HeldMandate(BaseModel):
    """A mandate on record that day; `is_counted`: it manages and is in force. `representative`: who
    sits, and signs, for a legal person (AUSCOOP art. 296)."""

    mandate_id: UUID
    organ: Organ
    function: str
    from_on: date
    to_on: date | None
    representative: Representative | None = None
    is_counted: bool


class SignatoryRead(BaseModel):
    """One of the persons asked about, in the order of the question. Who holds no mandate that day
    is nobody here, member or not. `is_counted`: a mandate of theirs is, and they were not named
    before; which of those who are counted are one signature, the reasons say."""

    family_name: str | None
    given_names: str | None
    mandates: list[HeldMandate]
    is_counted: bool


class SigningRuleRead(BaseModel):
    """A rule of the statutes: so many of these officers together, up to an amount."""

    functions: list[str]
    signatures: int
    up_to_xof: int | None


class CheckedCooperative(BaseModel):
    """What the register said about the cooperative on that day."""

    id: UUID
    registration_number: str
    name: str
    legal_form: LegalForm
    life: Life


class CheckRead(BaseModel):
    """The answer, and everything that it rests on. `statement` says the same, signed (ES256, `typ`
    `signing-authority+jwt`): whoever holds the key `kid` can verify it without us. It is about
    `as_of` as known since `known_at`, when the last filing that it knows was approved: asked again
    with both, the answer is the same. It never expires; `iat` says when it was given. `rule` is the
    position of the rule that holds."""

    result: Binding
    reasons: list[Described]
    cooperative: CheckedCooperative
    amount_xof: int
    as_of: date
    known_at: datetime
    revision: int
    filing_id: UUID
    persons: list[SignatoryRead]
    signing_rules: list[SigningRuleRead]
    rule: int | None
    liquidator: str | None
    statement: str
    kid: str

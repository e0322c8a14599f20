"""Corrections, worked out: nothing is rewritten, something is said again, rightly."""

from collections.abc import Iterator
from dataclasses import replace

from chassis.errors import Finding
from services.registry.acts import Case, Rule, fields_of, holds_after, outcomes, plain, required
from services.registry.bylaws.rules import holdings_are_stated, unknown_members
from services.registry.corrections.schemas import Correction, RegistrarNote
from services.registry.founding.rules import bond_is_open, shares_stay_under_the_cap
from services.registry.history.rules import Change, Part
from services.registry.law.rules import Facts, Law
from services.registry.organs.rules import managing_organ, organs_are_apart
from services.registry.registrations.rules import (
    activity_is_known,
    activity_is_open,
    name_is_free,
    name_tells_the_form,
    seat_is_known,
    shares_make_the_capital,
)
from services.registry.registrations.schemas import Registration


def correction_changes(said: Correction, case: Case) -> list[Change]:
    """The right values in place of the wrong ones."""
    right = said.fields.model_dump(mode="json", exclude_none=True, exclude={"seat"}) \
        if said.fields else {}  # fmt: skip
    held = [
        Change(Part.MEMBER, one.member_id, {**case.state.members[one.member_id],
                                            "shares": one.shares})
        for one in said.holdings or []
        if one.member_id in case.state.members and one.shares is not None
    ]  # fmt: skip
    terms = [
        Change(Part.MANDATE, one.mandate_id, {**case.state.mandates[one.mandate_id], **new})
        for one in said.mandates or []
        if one.mandate_id in case.state.mandates
        and (new := one.model_dump(mode="json", exclude_none=True, exclude={"mandate_id"}))
    ]
    place = case.place if said.fields and said.fields.seat else {}
    return [*fields_of(**right, **place), *held, *terms]


def wrong_filing_is_known(said: Correction, _: Law, facts: Facts) -> Iterator[Finding]:
    """What is corrected is an approved filing of this cooperative."""
    known = {one.filing_id for one in facts.happenings}
    if said.corrects_filing_id is not None and said.corrects_filing_id not in known:
        yield Finding(code="CORRECTED_FILING_UNKNOWN", pointer="/payload/corrects_filing_id")


def nothing_else_is_touched(said: Correction, _: Law, facts: Facts) -> Iterator[Finding]:
    """A correction says again what the wrong filing said, and nothing that it did not say: that
    would be a change, with its own filing."""
    wrong = next((h for h in facts.happenings if h.filing_id == said.corrects_filing_id), None)
    if wrong is None:
        return
    spoken = {(change.part, change.key) for change in wrong.changes}
    named = said.fields.model_dump(exclude_none=True) if said.fields else {}
    for name in named:
        key = "commune_code" if name == "seat" else name
        if (Part.FIELD, key) not in spoken:
            yield Finding(code="CORRECTION_BEYOND_FILING", pointer=f"/payload/fields/{name}")
    for n, one in enumerate(said.holdings or []):
        if (Part.MEMBER, one.member_id) not in spoken:
            at = f"/payload/holdings/{n}/member_id"
            yield Finding(code="CORRECTION_BEYOND_FILING", pointer=at)
    for n, mandate in enumerate(said.mandates or []):
        if (Part.MANDATE, mandate.mandate_id) not in spoken:
            at = f"/payload/mandates/{n}/mandate_id"
            yield Finding(code="CORRECTION_BEYOND_FILING", pointer=at)


def something_is_corrected(said: Correction, _: Law, __: Facts) -> Iterator[Finding]:
    """A correction without a right value is a note."""
    named = said.fields.model_dump(exclude_none=True) if said.fields else {}
    if not (named or said.holdings or said.mandates):
        yield Finding(code="NOTHING_CHANGES", pointer="/payload")


_ASKED_OF_FIELDS: tuple[Rule, ...] = (
    plain("name", "object", "common_bond"),
    name_tells_the_form,
    seat_is_known,
    activity_is_known,
    activity_is_open,
    bond_is_open,
)


def right_values_are_lawful(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """A right value is asked what the declaration of it was asked."""
    if said.fields is None:
        return
    for name, value in said.fields.model_dump(exclude={"cps_tags"}).items():
        if value in ("", []):
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/fields/{name}")
    for rule in _ASKED_OF_FIELDS:
        for found in rule(said.fields, law, facts):
            yield replace(
                found, pointer=(found.pointer or "").replace("/payload", "/payload/fields", 1)
            )


def right_name_is_free(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """One name for one cooperative under an authority (R10): the name that it bears from now on,
    not one that it bore once."""
    name = said.fields.name if said.fields else None
    *_, last = [facts.state, *outcomes(correction_changes, said, facts)]
    if name and last.fields.get("name") == name:
        for found in name_is_free(Registration(name=name), law, facts):
            yield replace(found, pointer="/payload/fields/name")


def holders_were_members(said: Correction, _: Law, facts: Facts) -> Iterator[Finding]:
    """Shares are put right of who was a member on that day, each once."""
    yield from unknown_members(said.holdings or [], "holdings", facts)


def mandates_were_held(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """A mandate that is put right was held on that day, and ends after it begins (R19)."""
    order, seen = law.norm("MANDATE_DATES"), set[str]()
    for n, one in enumerate(said.mandates or []):
        at, held = f"/payload/mandates/{n}", facts.state.mandates.get(one.mandate_id)
        if held is None or one.mandate_id in seen:
            yield Finding(code="MANDATE_UNKNOWN", pointer=f"{at}/mandate_id")
            continue
        seen.add(one.mandate_id)
        new = one.model_dump(mode="json", exclude_none=True)
        since, until = ({**held, **new}.get(name) for name in ("from_on", "to_on"))
        if order is not None and since and until and until < since:
            yield order.finding(f"{at}/to_on")


CORRECTION: tuple[Rule, ...] = (
    required("corrects_filing_id", "reason"),
    something_is_corrected,
    wrong_filing_is_known,
    nothing_else_is_touched,
    right_values_are_lawful,
    right_name_is_free,
    holdings_are_stated,
    holders_were_members,
    mandates_were_held,
    holds_after(
        correction_changes,
        (shares_make_the_capital, managing_organ, organs_are_apart),
        "/payload",
    ),
    holds_after(correction_changes, (shares_stay_under_the_cap,), "/payload/holdings"),
)
NOTE: tuple[Rule, ...] = (required("subject", "note"),)


def note_changes(_: RegistrarNote, __: Case) -> list[Change]:
    """A note changes nothing."""
    return []

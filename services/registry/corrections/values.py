"""What a correction says, and what it empties: `null` is something said."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chassis.bodies import Incoming
from chassis.errors import Finding
from services.registry.acts import fields_of
from services.registry.corrections.schemas import Correction
from services.registry.fields import LegalForm
from services.registry.history.rules import Change, Part
from services.registry.law.rules import Facts, Law
from services.registry.registrations.rules import bond_is_stated, completeness
from services.registry.registrations.schemas import Registration

_LISTS = ("sector_codes", "cps_tags")


def told(part: Incoming | None, *but: str) -> dict[str, Any]:
    """What a correction says there, `null` too: that empties what may be empty."""
    return part.model_dump(mode="json", exclude_unset=True, exclude={*but}) if part else {}


def right_fields(said: Correction) -> list[Change]:
    """The fields of the record that it says again; a record is never without its name."""
    right = told(said.fields, "seat")
    gone = [name for name, it in right.items() if it is None and name != "name"]
    empty = [Change(Part.FIELD, name, [] if name in _LISTS else None) for name in gone]
    return [*fields_of(**right), *empty]


def what_is_emptied_may_be_empty(said: Correction, law: Law, facts: Facts) -> Iterator[Finding]:
    """What a declaration of that form cannot leave open is not emptied; a list may have had gaps
    everywhere but in the name and the seat."""
    gone = {name for name, it in told(said.fields).items() if it is None}
    was_listed = any(one.key == "stated_counts" for one in facts.wrong)
    form = facts.state.fields.get("legal_form")
    bare = Registration(legal_form=LegalForm(form) if form else None)
    asked = [found for rule in (completeness, bond_is_stated) for found in rule(bare, law, facts)]
    for found in asked:
        name = (found.pointer or "").removeprefix("/payload/")
        if name in gone and not (was_listed and name not in ("name", "seat")):
            yield replace(found, pointer=f"/payload/fields/{name}")
    yield from _left_open(said.ess_agreement, ("number", "authority"), "ess_agreement")
    yield from _left_open(said.annual_return, ("year_end_on", "assembly_on"), "annual_return")


def _left_open(part: Incoming | None, names: Sequence[str], at: str) -> Iterator[Finding]:
    said = told(part)
    for name in names:
        if name in said and said[name] is None:
            yield Finding(code="FIELD_MISSING", pointer=f"/payload/{at}/{name}")

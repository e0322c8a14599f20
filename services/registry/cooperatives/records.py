"""The record as others see it: the row for lists and search, and the facts told to the services."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from chassis import clock
from services.registry.apexes.rules import is_apex
from services.registry.cooperatives.models import Cooperative
from services.registry.cooperatives.states import CpsStatus, EssStatus, LegalRegistration, Life
from services.registry.events import CooperativeChanged, CooperativeRegistered
from services.registry.fields import LegalForm
from services.registry.history.models import Effect
from services.registry.history.rules import Part, State
from services.registry.names import name_key
from services.registry.programme.rules import rsc_key
from services.registry.public_view import counts_of

_AXES: dict[str, type[StrEnum]] = {
    "legal_form": LegalForm,
    "life": Life,
    "legal_registration": LegalRegistration,
    "cps_status": CpsStatus,
    "ess_status": EssStatus,
}
_COLUMNS = (
    "registration_number", "name", "commune_code", "authority_code", "path", "object",
    "common_bond", "sector_codes", "cps_tags", "share_value_xof", "capital_xof",
)  # fmt: skip
Born = Mapping[str, int | None]


def present(state: State) -> dict[str, Any]:
    """The columns of the present: what the record now is."""
    fields, counts = state.fields, counts_of(state)
    # whose it is is not of the record until a filing says so
    owner = fields.get("organisation_id")
    return {
        **({"organisation_id": owner} if owner else {}),
        **{name: fields.get(name) for name in _COLUMNS},
        **{name: axis(fields[name]) for name, axis in _AXES.items()},
        "registered_on": date.fromisoformat(fields["registered_on"]),
        "name_key": name_key(fields["name"]),
        **{name: counts[name] for name in ("members_count", "women_count", "men_count")},
        "rsc_key": rsc_key(fields["rsc"]["authority"], fields["rsc"]["number"])
        if fields.get("rsc")
        else None,
    }


def registered(
    c: Cooperative, state: State, born: Born, *, are_held: bool = True
) -> CooperativeRegistered:
    """What the services hear of a new cooperative."""
    return CooperativeRegistered(**_facts(c, state, born, are_held=are_held))


def changed(
    c: Cooperative, state: State, born: Born, by: Effect, *, are_held: bool
) -> CooperativeChanged:
    """What they hear when the record changes: the whole record as it now is, and by what."""
    keys = {
        one["key"].partition(".")[0]
        for one in by.changes
        if one["part"] == Part.FIELD and one["key"] != "path"
    }
    parts = {one["part"] for one in by.changes} - {Part.FIELD.value}
    return CooperativeChanged(
        **_facts(c, state, born, are_held=are_held),
        filing_id=by.filing_id,
        formality=by.formality,
        revision=by.revision,
        effective_on=by.effective_on,
        changed=sorted({*keys, *(f"{part.lower()}s" for part in parts)}),
    )


def _facts(c: Cooperative, state: State, born: Born, *, are_held: bool) -> dict[str, Any]:
    # the persons of an apex body are delegates: nobody's age is counted
    born = {} if is_apex(state.fields["legal_form"]) else born
    total = 0 if is_apex(state.fields["legal_form"]) else c.members_count
    ages = [clock.today().year - year for year in born.values() if year is not None]
    copied = (
        "registration_number", "organisation_id", "initiative_id", "name", "commune_code",
        "sector_codes", "cps_tags", "members_count", "women_count", "men_count", "registered_on",
    )  # fmt: skip
    return {
        **{name: getattr(c, name) for name in copied},
        "cooperative_id": c.id,
        "legal_form": str(state.fields["legal_form"]),
        "department_code": c.path[-3] if len(c.path) > 2 else None,
        "region_code": c.path[-2] if len(c.path) > 1 else None,
        "sex_not_stated_count": counts_of(state)["sex_not_stated_count"],
        "youth_count": sum(15 <= age <= 35 for age in ages),
        "age_not_stated_count": None if total is None else total - len(ages),
        "has_woman_president": _has_woman_president(state),
        "organs_complete": are_held,
        "status": str(state.fields["life"]),
    }


def _has_woman_president(state: State) -> bool | None:
    presidents = {
        one["member_id"]
        for one in state.mandates.values()
        if (one["organ"], one["function"]) == ("MANAGING", "PRESIDENT")
    }
    sexes = {state.members[id]["sex"] for id in presidents if id in state.members}
    is_stated = len(sexes) == 1 and "NOT_STATED" not in sexes
    return "F" in sexes if is_stated else None

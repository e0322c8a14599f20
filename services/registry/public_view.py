"""What anyone may read about a cooperative: one function, so that nothing else slips in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.registry.history.rules import State
from services.registry.standing import last_return

# Everything here is published by law (AUSCOOP art. 70) or by the programme; a field that is not
# named stays inside. What a cooperative never had is null.
PUBLIC_FIELDS = (
    "registration_number", "name", "legal_form", "life", "legal_registration", "cps_status",
    "ess_status", "commune_code", "region_code", "authority_code", "object", "common_bond",
    "sector_codes", "cps_tags", "share_value_xof", "capital_xof", "registered_on", "rsc",
    "ess_agreement", "liquidation", "last_return", "bylaws", "acronym", "founded_on",
    "stated_form", "identifiers", "origin", "affiliates", "succession", "struck_off", "court_order",
    "cps_recognition", "provisional_administration",
)  # fmt: skip


def public_view(id: UUID, state: State, names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The record on one day, without its members; `names` are of those who hold a mandate."""
    return {
        "id": str(id),
        **{name: _shown(name, state) for name in PUBLIC_FIELDS},
        **counts_of(state),
        "officers": [
            {"mandate_id": key, **_public_mandate(mandate, names)}
            for key, mandate in state.mandates.items()
        ],
    }


def counts_of(state: State) -> dict[str, int | None]:
    """How many members: those who are named, or what a list said for as long as it says more.

    What a list did not say is null, never 0, and nothing is worked out from the rest: the members
    named of a record whose total nobody stated may be some of them. They are all once a filing says
    so, which ends what the list said. The members of an apex body are cooperatives: its persons are
    delegates, and are not counted.
    """
    affiliates = state.fields.get("affiliates")
    if affiliates is not None:
        return _counts(len(affiliates), 0, 0, 0)
    sexes = [member["sex"] for member in state.members.values()]
    said, named = state.fields.get("stated_counts"), len(sexes)
    if said is None or (said["members"] is not None and named > said["members"]):
        women, men = sexes.count("F"), sexes.count("M")
        return _counts(named, women, men, sexes.count("NOT_STATED"))
    stated = (said["women"] or 0) + (said["men"] or 0)
    if said["members"] is None and named > stated:
        return _counts(None, None, None, None)
    total = said["members"]
    return _counts(total, said["women"], said["men"], None if total is None else total - stated)


def _counts(
    members: int | None, women: int | None, men: int | None, unknown: int | None
) -> dict[str, int | None]:
    return {
        "members_count": members,
        "women_count": women,
        "men_count": men,
        "sex_not_stated_count": unknown,
    }


def _shown(name: str, state: State) -> Any:
    if name == "identifiers" and isinstance(state.fields.get(name), dict):
        return [one for numbers in state.fields[name].values() for one in numbers] or None
    if name == "last_return":
        return last_return(state)
    if name == "affiliates" and state.fields.get(name) is not None:
        # delegates are persons: who they are is for those who may see members
        return [{**one, "delegates": len(one["delegates"])} for one in state.fields[name]]
    return state.fields.get(name)


def _public_mandate(
    mandate: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    # names and functions are public (AUSCOOP art. 70); nothing else about a person is
    shown = ("organ", "function", "from_on", "to_on", "representative")
    return {**names[mandate["member_id"]], **{name: mandate.get(name) for name in shown}}

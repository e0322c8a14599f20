"""What anyone may read about a cooperative: one function, so that nothing else slips in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.registry.history.rules import State

# Everything here is published by law (AUSCOOP art. 70) or by the programme; a field that is not
# named stays inside. What a cooperative never had is null.
PUBLIC_FIELDS = (
    "registration_number", "name", "legal_form", "life", "legal_registration", "cps_status",
    "ess_status", "commune_code", "region_code", "authority_code", "object", "common_bond",
    "sector_codes", "cps_tags", "share_value_xof", "capital_xof", "registered_on", "rsc",
    "ess_agreement", "liquidation", "last_return", "bylaws",
)  # fmt: skip


def public_view(id: UUID, state: State, names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The record on one day, without its members; `names` are of those who hold a mandate."""
    sexes = [member["sex"] for member in state.members.values()]
    return {
        "id": str(id),
        **{name: state.fields.get(name) for name in PUBLIC_FIELDS},
        "members_count": len(sexes),
        "women_count": sexes.count("F"),
        "men_count": sexes.count("M"),
        "sex_not_stated_count": sexes.count("NOT_STATED"),
        "officers": [
            {"mandate_id": key, **_public_mandate(mandate, names)}
            for key, mandate in state.mandates.items()
        ],
    }


def _public_mandate(
    mandate: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    # names and functions are public (AUSCOOP art. 70); nothing else about a person is
    shown = ("organ", "function", "from_on", "to_on")
    return {**names[mandate["member_id"]], **{name: mandate[name] for name in shown}}

"""What an approved registration says: the first effect of a record."""

from typing import Any

from services.registry.acts import Case, fields_of, member_of
from services.registry.apexes.rules import affiliate
from services.registry.bylaws.rules import bylaws_of
from services.registry.cooperatives.states import CpsStatus, EssStatus, LegalRegistration, Life
from services.registry.history.rules import Change, Part
from services.registry.mandates.rules import new_mandate
from services.registry.programme.rules import identifiers_changes
from services.registry.registrations.schemas import Registration


def registration_changes(said: Registration, case: Case) -> list[Change]:
    """Every field, every member, every mandate of a record that begins."""
    stated = said.model_dump(
        mode="json",
        include={
            "legal_form", "name", "object", "common_bond", "sector_codes", "share_value_xof",
            "capital_xof",
        },
    )  # fmt: skip
    axes: dict[str, Any] = {
        "life": Life.REGISTERED.value,
        "legal_registration": LegalRegistration.NOT_REGISTERED.value,
        "cps_status": CpsStatus.OUTSIDE.value,
        "ess_status": EssStatus.NOT_REQUESTED.value,
    }
    return [
        *fields_of(
            **stated,
            **axes,
            **case.place,
            **case.given,
            cps_tags=said.cps_tags or [],
            affiliates=_affiliates(said, case),
            bylaws=bylaws_of(said) or None,
        ),
        *identifiers_changes(said),
        *(Change(Part.MEMBER, case.person(m.id), member_of(m, case)) for m in said.members or []),
        *(new_mandate(o, case) for o in said.officers or []),
    ]


def _affiliates(said: Registration, case: Case) -> list[dict[str, Any]] | None:
    people = said.members or []
    return [affiliate(one, people, case.ids) for one in said.founders or []] or None

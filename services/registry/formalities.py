"""The types of filings, as a table: what each declares, asks, changes, and who may file it.

A new type is a payload, its rules, the changes it makes and a row here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.bodies import Incoming
from services.registry.acts import (
    Changes,
    Rule,
    decided_in_time,
    plain,
    required,
    takes_effect_in_time,
)
from services.registry.beginnings import registration_changes
from services.registry.bylaws import rules as bylaws
from services.registry.bylaws.schemas import (
    BylawsChange,
    CapitalChange,
    NameChange,
    ObjectChange,
    SeatChange,
)
from services.registry.cooperatives.states import LifeAction
from services.registry.corrections import rules as corrections
from services.registry.corrections.schemas import Correction, RegistrarNote
from services.registry.fields import FilingType
from services.registry.mandates.rules import OFFICERS, officers_changes
from services.registry.mandates.schemas import OfficersChange
from services.registry.members.rules import MEMBERSHIP, membership_changes
from services.registry.members.schemas import MembershipChange
from services.registry.registrations import rules as registrations
from services.registry.registrations.schemas import MemberWrite, Registration
from services.registry.scopes import CORRECT, FILE

T = FilingType


def _nobody(_: Any) -> Sequence[MemberWrite]:
    return ()


@dataclass(frozen=True)
class Formality:
    """One type of filing. `life` is what it does to the life of the record (None: nothing, and it
    may come when the record is closed); `people` are the persons that it brings."""

    payload: type[Incoming]
    rules: tuple[Rule, ...]
    changes: Changes
    scope: str = FILE
    life: LifeAction | None = LifeAction.MODIFY
    begins: bool = False  # it is about a cooperative that is not there yet
    people: Callable[[Any], Sequence[MemberWrite]] = _nobody


def _decided(*rules: Rule) -> tuple[Rule, ...]:
    return (required("decided_on"), decided_in_time, takes_effect_in_time, *rules)


FORMALITIES: dict[FilingType, Formality] = {
    T.REGISTRATION: Formality(
        Registration,
        registrations.RULES,
        registration_changes,
        life=None,
        begins=True,
        people=lambda said: said.members or (),
    ),
    T.CHANGE_OF_NAME: Formality(
        NameChange,
        _decided(
            required("name"),
            plain("name"),
            registrations.name_tells_the_form,
            registrations.name_is_free,
        ),
        bylaws.name_changes,
    ),
    T.CHANGE_OF_SEAT: Formality(
        SeatChange,
        _decided(required("seat"), registrations.seat_is_known, bylaws.name_is_free_there),
        bylaws.seat_changes,
    ),
    T.CHANGE_OF_OBJECT: Formality(
        ObjectChange,
        _decided(
            bylaws.something_is_said("object", "sector_codes", "cps_tags"),
            plain("object"),
            registrations.activity_is_known,
            registrations.activity_is_open,
        ),
        bylaws.object_changes,
    ),
    T.CHANGE_OF_BYLAWS: Formality(
        BylawsChange,
        _decided(
            bylaws.something_is_said("common_bond", *bylaws.BYLAWS), plain("common_bond", "summary")
        ),
        bylaws.bylaws_changes,
    ),
    T.CHANGE_OF_OFFICERS: Formality(OfficersChange, _decided(*OFFICERS), officers_changes),
    T.CHANGE_OF_MEMBERSHIP: Formality(
        MembershipChange,
        _decided(*MEMBERSHIP),
        membership_changes,
        people=lambda said: said.admissions or (),
    ),
    T.CHANGE_OF_CAPITAL: Formality(
        CapitalChange, _decided(*bylaws.CAPITAL), bylaws.capital_changes
    ),
    T.CORRECTION: Formality(
        Correction,
        corrections.CORRECTION,
        corrections.correction_changes,
        scope=CORRECT,
        life=None,
    ),
    T.REGISTRAR_NOTE: Formality(
        RegistrarNote,
        (*corrections.NOTE, plain("subject", "note")),
        corrections.note_changes,
        scope=CORRECT,
        life=None,
    ),
}

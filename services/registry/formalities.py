"""The types of filings, as a table: what each declares, asks, changes, and who may file it.

A new type is a payload, its rules, the changes it makes and a row here.
"""

from services.registry.acts import Rule, decided_in_time, required, takes_effect_in_time
from services.registry.beginnings import registration_changes
from services.registry.bylaws import rules as bylaws
from services.registry.bylaws.schemas import (
    BylawsChange,
    CapitalChange,
    NameChange,
    ObjectChange,
    SeatChange,
)
from services.registry.cooperatives.states import CpsAction, LifeAction
from services.registry.corrections import rules as corrections
from services.registry.corrections.schemas import Correction, RegistrarNote
from services.registry.endings import rules as endings
from services.registry.endings.schemas import CourtOrder, Dissolution, LiquidationClose, StrikeOff
from services.registry.fields import FilingType
from services.registry.formality import Formality
from services.registry.handovers.rules import HANDOVER, handover_changes
from services.registry.handovers.schemas import Handover
from services.registry.mandates.rules import OFFICERS, officers_changes
from services.registry.mandates.schemas import OfficersChange
from services.registry.members.rules import MEMBERSHIP, membership_changes
from services.registry.members.schemas import MembershipChange
from services.registry.programme import rules as programme
from services.registry.programme.schemas import (
    CpsRecognition,
    CpsSuspension,
    CpsWithdrawal,
    EssAgreement,
    RscAttestation,
)
from services.registry.registrations import rules as registrations
from services.registry.registrations.schemas import Registration
from services.registry.returns.rules import RETURN, return_changes
from services.registry.returns.schemas import AnnualReturn
from services.registry.scopes import CORRECT
from services.registry.transformations.rules import TRANSFORMATION, transformation_changes
from services.registry.transformations.schemas import Transformation

T = FilingType


def _decided(*rules: Rule) -> tuple[Rule, ...]:
    return (required("decided_on"), decided_in_time, takes_effect_in_time, *rules)


def _said_by_authority(*rules: Rule) -> tuple[Rule, ...]:
    # somebody else's decision: no time limit of the cooperative's runs
    past = programme.not_in_future("decided_on")
    return (required("decided_on"), past, takes_effect_in_time, *rules)


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
            registrations.name_tells_the_form,
            registrations.name_is_free,
        ),
        bylaws.name_changes,
    ),
    T.CHANGE_OF_SEAT: Formality(
        SeatChange,
        _decided(required("seat"), registrations.seat_is_known, bylaws.name_is_free_there),
        bylaws.seat_changes,
        moves=True,
    ),
    T.CHANGE_OF_OBJECT: Formality(
        ObjectChange,
        _decided(
            bylaws.something_is_said("object", "sector_codes", "cps_tags"),
            registrations.activity_is_known,
            registrations.activity_is_open,
        ),
        bylaws.object_changes,
    ),
    T.CHANGE_OF_BYLAWS: Formality(BylawsChange, _decided(*bylaws.ARTICLES), bylaws.bylaws_changes),
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
    T.ANNUAL_RETURN: Formality(
        AnnualReturn,
        (required("year_end_on", "assembly_on"), takes_effect_in_time, *RETURN),
        return_changes,
        in_liquidation=True,
    ),
    T.CPS_RECOGNITION: Formality(
        CpsRecognition,
        _said_by_authority(
            programme.action_is_a_recognition,
            programme.step_is_open(programme.CPS_AXIS, programme.cps_action),
        ),
        programme.recognition_changes,
    ),
    T.CPS_SUSPENSION: Formality(
        CpsSuspension,
        _said_by_authority(
            required("reason"),
            programme.step_is_open(programme.CPS_AXIS, lambda _: CpsAction.SUSPEND, "/type"),
        ),
        programme.suspension_changes,
        scope=CORRECT,
        in_liquidation=True,
    ),
    T.CPS_WITHDRAWAL: Formality(
        CpsWithdrawal,
        _said_by_authority(
            required("reason"),
            programme.step_is_open(programme.CPS_AXIS, lambda _: CpsAction.WITHDRAW, "/type"),
        ),
        programme.withdrawal_changes,
        scope=CORRECT,
        in_liquidation=True,
    ),
    T.ESS_AGREEMENT: Formality(
        EssAgreement,
        _said_by_authority(
            required("action"),
            programme.agreement_is_described,
            programme.step_is_open(programme.ESS_AXIS, lambda said: said.action),
            programme.nothing_begins_in_liquidation,
        ),
        programme.agreement_changes,
        in_liquidation=True,
    ),
    T.RSC_ATTESTATION: Formality(
        RscAttestation,
        (
            *programme.RSC,
            programme.rsc_is_for_cooperatives,
            programme.identifiers_are_well_formed,
            takes_effect_in_time,
        ),
        programme.attestation_changes,
        in_liquidation=True,
    ),
    T.TRANSFORMATION: Formality(
        Transformation,
        _decided(required("to_form", "name"), *TRANSFORMATION),
        transformation_changes,
    ),
    T.DISSOLUTION: Formality(
        Dissolution,
        _decided(*endings.DISSOLUTION),
        endings.dissolution_changes,
        life=LifeAction.ENTER_LIQUIDATION,
    ),
    T.LIQUIDATION_CLOSE: Formality(
        LiquidationClose,
        _decided(required("surplus_xof"), *endings.CLOSE),
        endings.closing_changes,
        life=LifeAction.CLOSE_LIQUIDATION,
    ),
    T.STRIKE_OFF: Formality(
        StrikeOff,
        _said_by_authority(required("ground", "reason"), *endings.STRIKE_OFF),
        endings.strike_off_changes,
        scope=CORRECT,
        life=LifeAction.STRIKE_OFF,
    ),
    T.COURT_ORDER: Formality(
        CourtOrder,
        _said_by_authority(required("court", "reference", "measure"), *endings.ORDER),
        endings.order_changes,
        scope=CORRECT,
        life=None,  # the measure decides: `order_can_be_done`
    ),
    T.HANDOVER: Formality(
        Handover,
        _said_by_authority(required("organisation_id", "ground", "reason"), *HANDOVER),
        handover_changes,
        scope=CORRECT,
        in_liquidation=True,
    ),
    T.CORRECTION: Formality(
        Correction,
        corrections.CORRECTION,
        corrections.correction_changes,
        scope=CORRECT,
        life=None,
        moves=True,
    ),
    T.REGISTRAR_NOTE: Formality(
        RegistrarNote,
        (*corrections.NOTE, takes_effect_in_time),
        corrections.note_changes,
        scope=CORRECT,
        life=None,
    ),
}

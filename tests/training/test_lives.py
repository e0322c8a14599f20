"""Lives are tables: every pair of state and action, against the tables of the domain."""

from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from chassis.errors import IllegalTransition
from chassis.states import Machine
from services.training.certificates import states as certificates
from services.training.enrolments import states as enrolments
from services.training.sessions import states as sessions
from tests.town import problem
from tests.training.stage import Stage

# from -> {action: to}, as drawn in the domain (sessions, enrolments, certificates).
SESSIONS = {
    "DRAFT": {"SUBMIT": "SUBMITTED", "CANCEL": "CANCELLED"},
    "SUBMITTED": {"APPROVE": "APPROVED", "CANCEL": "CANCELLED"},
    "APPROVED": {"OPEN": "OPEN", "POSTPONE": "POSTPONED", "CANCEL": "CANCELLED"},
    "OPEN": {
        "CLOSE_REGISTRATION": "REGISTRATION_CLOSED",
        "POSTPONE": "POSTPONED",
        "CANCEL": "CANCELLED",
    },
    "REGISTRATION_CLOSED": {
        "START": "IN_PROGRESS",
        "POSTPONE": "POSTPONED",
        "CANCEL": "CANCELLED",
    },
    "IN_PROGRESS": {"DELIVER": "DELIVERED", "CANCEL": "CANCELLED"},
    "DELIVERED": {"VALIDATE_RESULTS": "RESULTS_VALIDATED"},
    "RESULTS_VALIDATED": {"CLOSE": "CLOSED"},
    "CLOSED": {},
    "POSTPONED": {"SUBMIT": "SUBMITTED", "CANCEL": "CANCELLED"},
    "CANCELLED": {},
}
ENROLMENTS = {
    "SUBMITTED": {
        "CONFIRM": "CONFIRMED",
        "WAITLIST": "WAITLISTED",
        "REJECT": "REJECTED",
        "WITHDRAW": "WITHDRAWN",
        "CANCEL": "CANCELLED_BY_ORGANISER",
    },
    "WAITLISTED": {
        "OFFER": "OFFERED",
        "WITHDRAW": "WITHDRAWN",
        "CANCEL": "CANCELLED_BY_ORGANISER",
    },
    "OFFERED": {
        "ACCEPT_OFFER": "CONFIRMED",
        "LAPSE_OFFER": "OFFER_LAPSED",
        "CANCEL": "CANCELLED_BY_ORGANISER",
    },
    "CONFIRMED": {
        "WITHDRAW": "WITHDRAWN",
        "ATTEND": "ATTENDING",
        "MISS": "NO_SHOW",
        "CANCEL": "CANCELLED_BY_ORGANISER",
        "TRANSFER": "TRANSFERRED",
    },
    "ATTENDING": {
        "COMPLETE": "COMPLETED",
        "PARTICIPATE": "PARTICIPATED",
        "CANCEL": "CANCELLED_BY_ORGANISER",
    },
    "COMPLETED": {},
    "PARTICIPATED": {},
    "NO_SHOW": {},
    "REJECTED": {},
    "WITHDRAWN": {},
    "OFFER_LAPSED": {},
    "CANCELLED_BY_ORGANISER": {},
    "TRANSFERRED": {},
}
CERTIFICATES = {
    "ELIGIBLE": {"APPROVE": "APPROVED"},
    "APPROVED": {"ISSUE": "ISSUED"},
    "ISSUED": {"SUSPEND": "SUSPENDED", "REVOKE": "REVOKED", "SUPERSEDE": "SUPERSEDED"},
    "SUSPENDED": {"REINSTATE": "ISSUED", "REVOKE": "REVOKED"},
    "REVOKED": {},
    "SUPERSEDED": {},
}
LIVES: list[tuple[Machine[Any, Any], type[StrEnum], type[StrEnum], dict[str, dict[str, str]]]] = [
    (sessions.LIFE, sessions.SessionStatus, sessions.SessionAction, SESSIONS),
    (enrolments.LIFE, enrolments.EnrolmentStatus, enrolments.EnrolmentAction, ENROLMENTS),
    (
        certificates.LIFE,
        certificates.CertificateStatus,
        certificates.CertificateAction,
        CERTIFICATES,
    ),
]
PAIRS = [
    pytest.param(life, state, action, drawn[state.value].get(action.value), id=f"{state}-{action}")
    for life, states, actions, drawn in LIVES
    for state, action in product(states, actions)
]


@pytest.mark.parametrize(("life", "states", "actions", "drawn"), LIVES)
def test_the_drawing_and_the_code_know_the_same_states_and_actions(
    life: Machine[Any, Any],
    states: type[StrEnum],
    actions: type[StrEnum],
    drawn: dict[str, dict[str, str]],
) -> None:
    assert drawn.keys() == {state.value for state in states}
    assert set(life.moves) == set(actions)


@pytest.mark.parametrize(("life", "state", "action", "target"), PAIRS)
def test_every_action_leads_where_it_is_drawn_or_is_refused(
    life: Machine[Any, Any], state: StrEnum, action: StrEnum, target: str | None
) -> None:
    if target is not None:
        assert life.move(state, action) == target
        return
    with pytest.raises(IllegalTransition) as refused:
        life.move(state, action)
    assert refused.value.members["current_status"] == state.value
    assert action not in refused.value.members["allowed_actions"]


# Domain, enrolment table: «holds_seat» is an attribute of the state, terminal or not.
HOLDS = {"OFFERED", "CONFIRMED", "ATTENDING", "COMPLETED", "PARTICIPATED", "NO_SHOW"}


@pytest.mark.parametrize("status", list(enrolments.EnrolmentStatus))
def test_a_seat_is_held_in_exactly_six_states(status: enrolments.EnrolmentStatus) -> None:
    assert status.holds_seat == (status.value in HOLDS)


ACTS = {
    "submissions": ("manager", {}),
    "approvals": ("manager", {}),
    "openings": ("manager", {}),
    "registration-closures": ("manager", {}),
    "starts": ("trainer", {}),
    "deliveries": ("trainer", {}),
    "result-validations": ("manager", {}),
    "closures": ("manager", {}),
    "postponements": ("manager", {"reason": "Les pluies ont coupé la piste."}),
    "cancellations": ("manager", {"reason": "Les pluies ont coupé la piste."}),
    "capacity-changes": ("manager", {"capacity": 12, "reason": "Une salle plus petite."}),
}
ALLOWED_NOUNS = {
    "DRAFT": {"submissions", "cancellations", "capacity-changes"},
    "OPEN": {"registration-closures", "postponements", "cancellations", "capacity-changes"},
    "CANCELLED": set(),
}


@pytest.mark.parametrize("noun", ACTS)
@pytest.mark.parametrize("state", ALLOWED_NOUNS)
async def test_an_act_at_the_wrong_moment_is_refused_and_says_what_is_possible(
    stage: Stage, state: str, noun: str
) -> None:
    thing = await (stage.opened() if state == "OPEN" else stage.planned())
    if state == "CANCELLED":
        await stage.take(thing, "cancellations")
    who, body = ACTS[noun]
    desk = await (stage.trainer() if who == "trainer" else stage.manager())
    answer = await desk.act(thing, noun, body)
    if noun in ALLOWED_NOUNS[state]:
        assert answer.status_code == 201, answer.text
        return
    refusal = problem(answer)
    assert (refusal["status"], refusal["code"]) == (409, "ILLEGAL_TRANSITION")
    assert refusal["current_status"] == state
    assert set(refusal["allowed_actions"]) == SESSIONS[state].keys()

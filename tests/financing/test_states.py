"""Every state against every action, for the four lives of financing."""

from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from chassis.errors import IllegalTransition
from chassis.states import Machine
from services.financing.applications import states as applications
from services.financing.assignments import states as assignments
from services.financing.financings import states as financings
from services.financing.offers import states as offers

APPLICATION = {
    "DRAFT": "EDIT>DRAFT SUBMIT>SUBMITTED WITHDRAW>WITHDRAWN CANCEL>CANCELLED",
    "SUBMITTED": "FIND_COMPLETE>UNDER_REVIEW REQUEST_CHANGES>CHANGES_REQUESTED"
    " WITHDRAW>WITHDRAWN CANCEL>CANCELLED",
    "UNDER_REVIEW": "FIND_COMPLETE>UNDER_REVIEW REQUEST_CHANGES>CHANGES_REQUESTED"
    " FIND_ELIGIBLE>ELIGIBLE FIND_NOT_ELIGIBLE>NOT_ELIGIBLE WITHDRAW>WITHDRAWN CANCEL>CANCELLED",
    "CHANGES_REQUESTED": "CORRECT>CHANGES_REQUESTED SUBMIT>SUBMITTED LAPSE>LAPSED"
    " WITHDRAW>WITHDRAWN CANCEL>CANCELLED",
    "LAPSED": "",
    "ELIGIBLE": "TRANSMIT>WITH_LENDERS WITHDRAW>WITHDRAWN CANCEL>CANCELLED",
    "NOT_ELIGIBLE": "APPEAL>UNDER_REVIEW",
    "WITH_LENDERS": "RECEIVE_OFFER>OFFERED GIVE_UP>UNPLACED WITHDRAW>WITHDRAWN CANCEL>CANCELLED",
    "OFFERED": "RECEIVE_OFFER>OFFERED LOSE_OFFERS>WITH_LENDERS GIVE_UP>UNPLACED ACCEPT>ACCEPTED"
    " WITHDRAW>WITHDRAWN CANCEL>CANCELLED",
    "UNPLACED": "TRANSMIT>WITH_LENDERS",
    "ACCEPTED": "GIVE_UP>UNPLACED CONTRACT>CONTRACTED WITHDRAW>WITHDRAWN CANCEL>CANCELLED",
    "CONTRACTED": "CANCEL>CANCELLED",
    "WITHDRAWN": "",
    "CANCELLED": "",
}
_OPEN = "DECLINE>DECLINED DECIDE>DECIDED EXPIRE>EXPIRED RECALL>RECALLED"
ASSIGNMENT = {
    "SENT": f"ACKNOWLEDGE>ACKNOWLEDGED {_OPEN}",
    "ACKNOWLEDGED": f"REQUEST_INFORMATION>INFO_REQUESTED {_OPEN}",
    "INFO_REQUESTED": f"ANSWER_INFORMATION>ACKNOWLEDGED {_OPEN}",
    "DECIDED": "AMEND>DECIDED",
    "DECLINED": "",
    "EXPIRED": "",
    "RECALLED": "",
}
OFFER = {
    "LIVE": "ACCEPT>ACCEPTED DECLINE>DECLINED LAPSE>LAPSED EXPIRE>EXPIRED SUPERSEDE>SUPERSEDED"
    " REVOKE>REVOKED",
    "ACCEPTED": "LAPSE>LAPSED",
    "DECLINED": "",
    "LAPSED": "",
    "EXPIRED": "",
    "SUPERSEDED": "",
    "REVOKED": "",
}
_DRAW = "DISBURSE>DISBURSING COMPLETE_DISBURSEMENT>ACTIVE"
FINANCING = {
    "ACCEPTED": "CONTRACT>CONTRACTED CANCEL>CANCELLED",
    "CONTRACTED": f"{_DRAW} CANCEL>CANCELLED",
    "DISBURSING": _DRAW,
    "ACTIVE": "REPAY>ACTIVE RESTRUCTURE>ACTIVE WRITE_OFF>WRITTEN_OFF CLOSE>CLOSED",
    "CLOSED": "",
    "WRITTEN_OFF": "",
    "CANCELLED": "",
}
LIVES: list[tuple[str, Any, dict[str, str]]] = [
    ("application", applications, APPLICATION),
    ("assignment", assignments, ASSIGNMENT),
    ("offer", offers, OFFER),
    ("financing", financings, FINANCING),
]
CASES = [
    pytest.param(life.LIFE, state, action, _moves, id=f"{name}-{state.value}-{action.value}")
    for name, life, drawn in LIVES
    for state, action in product(life.Status, life.Action)
    for _moves in [dict(move.split(">") for move in drawn[state.value].split())]
]


@pytest.mark.parametrize(("life", "state", "action", "moves"), CASES)
def test_every_action_leads_where_the_table_says_or_nowhere(
    life: Machine[Any, Any], state: StrEnum, action: StrEnum, moves: dict[str, str]
) -> None:
    assert {a.value for a in life.allowed(state)} == moves.keys()
    if action.value in moves:
        assert life.move(state, action).value == moves[action.value]
        return
    with pytest.raises(IllegalTransition) as refused:
        life.move(state, action)
    assert refused.value.members["current_status"] == state.value
    assert {a.value for a in refused.value.members["allowed_actions"]} == moves.keys()


@pytest.mark.parametrize(("name", "life", "drawn"), LIVES, ids=[life[0] for life in LIVES])
def test_the_drawn_table_leaves_no_state_out(name: str, life: Any, drawn: dict[str, str]) -> None:
    assert list(drawn) == [state.value for state in life.Status], name

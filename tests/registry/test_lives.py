"""Every state × action of every life, from the table, and through HTTP where a route leads."""

from itertools import product
from typing import Any

import pytest

from chassis.errors import IllegalTransition
from services.registry.cooperatives.states import (
    CPS,
    ESS,
    CpsAction,
    CpsStatus,
    EssAction,
    EssStatus,
    Life,
    LifeAction,
)
from services.registry.cooperatives.states import LIFE as COOPERATIVE
from services.registry.filings.states import LIFE as FILING
from services.registry.filings.states import FilingAction, FilingStatus
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    drafted,
    expect,
    reviewed,
    submitted,
)
from tests.town import Town, problem

S, A = FilingStatus, FilingAction
FILING_MOVES = {
    (S.DRAFT, A.EDIT): S.DRAFT,
    (S.CHANGES_REQUESTED, A.CORRECT): S.CHANGES_REQUESTED,
    (S.DRAFT, A.SUBMIT): S.SUBMITTED,
    (S.CHANGES_REQUESTED, A.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, A.ACCEPT_FOR_REVIEW): S.UNDER_REVIEW,
    (S.SUBMITTED, A.REQUEST_CHANGES): S.CHANGES_REQUESTED,
    (S.UNDER_REVIEW, A.REQUEST_CHANGES): S.CHANGES_REQUESTED,
    (S.UNDER_REVIEW, A.APPROVE): S.APPROVED,
    (S.UNDER_REVIEW, A.REJECT): S.REJECTED,
    (S.DRAFT, A.WITHDRAW): S.WITHDRAWN,
    (S.SUBMITTED, A.WITHDRAW): S.WITHDRAWN,
    (S.CHANGES_REQUESTED, A.WITHDRAW): S.WITHDRAWN,
}
L, LA = Life, LifeAction
COOPERATIVE_MOVES = {
    (L.REGISTERED, LA.MODIFY): L.REGISTERED,
    (L.REGISTERED, LA.ENTER_LIQUIDATION): L.IN_LIQUIDATION,
    (L.REGISTERED, LA.STRIKE_OFF): L.STRUCK_OFF,
    (L.IN_LIQUIDATION, LA.STRIKE_OFF): L.STRUCK_OFF,
    (L.REGISTERED, LA.ABSORB): L.ABSORBED,
    (L.IN_LIQUIDATION, LA.CLOSE_LIQUIDATION): L.STRUCK_OFF,
}
C, CA = CpsStatus, CpsAction
CPS_MOVES = {
    (C.OUTSIDE, CA.ACCEPT): C.CANDIDATE,
    (C.WITHDRAWN, CA.ACCEPT): C.CANDIDATE,
    (C.OUTSIDE, CA.RECOGNISE): C.RECOGNISED,
    (C.CANDIDATE, CA.RECOGNISE): C.RECOGNISED,
    (C.SUSPENDED, CA.RECOGNISE): C.RECOGNISED,
    (C.WITHDRAWN, CA.RECOGNISE): C.RECOGNISED,
    (C.RECOGNISED, CA.SUSPEND): C.SUSPENDED,
    (C.CANDIDATE, CA.WITHDRAW): C.WITHDRAWN,
    (C.RECOGNISED, CA.WITHDRAW): C.WITHDRAWN,
    (C.SUSPENDED, CA.WITHDRAW): C.WITHDRAWN,
}
E, EA = EssStatus, EssAction
ESS_MOVES = {
    **{(now, EA.REQUEST): E.REQUESTED
       for now in (E.NOT_REQUESTED, E.EXPIRED, E.WITHDRAWN, E.REFUSED)},
    **{(now, EA.GRANT): E.GRANTED for now in E if now != E.GRANTED},
    (E.NOT_REQUESTED, EA.REFUSE): E.REFUSED,
    (E.REQUESTED, EA.REFUSE): E.REFUSED,
    (E.GRANTED, EA.SUSPEND): E.SUSPENDED,
    (E.GRANTED, EA.WITHDRAW): E.WITHDRAWN,
    (E.SUSPENDED, EA.WITHDRAW): E.WITHDRAWN,
    (E.GRANTED, EA.EXPIRE): E.EXPIRED,
    (E.SUSPENDED, EA.EXPIRE): E.EXPIRED,
}  # fmt: skip


@pytest.mark.parametrize(
    ("machine", "moves", "now", "action"),
    [
        *(
            (FILING, FILING_MOVES, now, action)
            for now, action in product(FilingStatus, FilingAction)
        ),
        *((COOPERATIVE, COOPERATIVE_MOVES, n, a) for n, a in product(Life, LifeAction)),
        *((CPS, CPS_MOVES, n, a) for n, a in product(CpsStatus, CpsAction)),
        *((ESS, ESS_MOVES, n, a) for n, a in product(EssStatus, EssAction)),
    ],
)
def test_a_life_allows_exactly_its_table(machine: Any, moves: Any, now: Any, action: Any) -> None:
    target = moves.get((now, action))
    if target is not None:
        assert machine.move(now, action) == target
        assert action in machine.allowed(now)
        return
    with pytest.raises(IllegalTransition) as refusal:
        machine.move(now, action)
    assert refusal.value.members["current_status"] == now
    assert action not in refusal.value.members["allowed_actions"]


async def bring(town: Town, filer: Any, status: FilingStatus) -> dict[str, Any]:
    if status in (S.DRAFT, S.WITHDRAWN):
        filing = await drafted(town, filer)
    elif status in (S.SUBMITTED, S.CHANGES_REQUESTED):
        filing = await submitted(town, filer)
    else:
        filing = await reviewed(town, filer)
    async with (
        town.client("registry", filer) as own,
        town.client("registry", an_instructor()) as instructor,
        town.client("registry", a_validator()) as validator,
    ):
        if status == S.WITHDRAWN:
            expect(await act(own, filing, "withdrawals", {}), 201)
        if status == S.CHANGES_REQUESTED:
            body = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "?"}]}
            expect(await act(instructor, filing, "reviews", body), 201)
        if status in (S.APPROVED, S.REJECTED):
            body = {"outcome": status.value, "reason_code": "OTHER", "reason": "Parce que"}
            expect(await decide(validator, filing, body), 201)
        return expect(await own.get(f"/v1/filings/{filing['id']}"), 200)


@pytest.mark.parametrize("status", list(FilingStatus))
async def test_the_routes_refuse_what_the_table_refuses(town: Town, status: FilingStatus) -> None:
    filer = a_filer()
    filing = await bring(town, filer, status)
    assert filing["status"] == status
    assert filing["allowed_actions"] == [action.value for action in FILING.allowed(status)]
    answers = {}
    async with (
        town.client("registry", filer) as own,
        town.client("registry", an_instructor("SN")) as instructor,
        town.client("registry", a_validator("SN")) as validator,
    ):
        if not {A.EDIT, A.CORRECT} & set(FILING.allowed(status)):
            version = {"If-Match": f'"{filing["version"]}"'}
            path = f"/v1/filings/{filing['id']}"
            answers["edit"] = await own.patch(path, json={}, headers=version)
        if A.SUBMIT not in FILING.allowed(status):
            answers["submit"] = await act(own, filing, "submissions", {})
        if A.WITHDRAW not in FILING.allowed(status):
            answers["withdraw"] = await act(own, filing, "withdrawals", {})
        if filing["submitted_at"] and A.ACCEPT_FOR_REVIEW not in FILING.allowed(status):
            answers["review"] = await act(instructor, filing, "reviews", {"outcome": "COMPLETE"})
        if filing["submitted_at"] and A.APPROVE not in FILING.allowed(status):
            answers["decide"] = await decide(validator, filing, {"outcome": "APPROVED"})
    assert answers or status == S.DRAFT  # a draft is out of every agent's sight
    for answer in answers.values():
        refusal = problem(answer)
        assert (refusal["code"], refusal["current_status"]) == ("ILLEGAL_TRANSITION", status)
        assert refusal["allowed_actions"] == filing["allowed_actions"]

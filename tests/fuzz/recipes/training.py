"""Sessions, groups in them, certificates."""

from collections.abc import Callable

from tests.fuzz.makers import Makers, Thing
from tests.fuzz.makers.base import REASON
from tests.fuzz.recipes.fit import Fit, Recipe, free, id_of, known, new, on
from tests.training import makers as training


def _session(*nouns: str, late: bool = False) -> Callable[[Makers], str]:
    return lambda makers: makers.session(*nouns, late=late)


def _assess(makers: Makers) -> Thing:
    _, delegation = makers.under_way()
    return training.an_assessment(delegation)


def _certify(makers: Makers) -> Thing:
    return {"completion_decision_id": makers.validated()[1]["id"]}


def _approve_revocation(makers: Makers) -> Fit:
    path, proposal = makers.revocation()
    return Fit("training_manager", {"id": id_of(path)}, {"revocation_id": proposal["id"]})


_OPEN = ("submissions", "approvals", "openings")
_S, _C = "/training-sessions/{id}", "/training-certificates/{id}"
_SUSPENSION = {"reason_code": "UNDER_INVESTIGATION", "note": "Une plainte est à l'étude."}
_REVOCATION = {"reason_code": "ISSUED_IN_ERROR", "note": "Émis pour un autre groupe."}

RECIPES: dict[str, Recipe] = {
    "GET /assessments": lambda makers: Fit(
        "trainer", query={"delegation_id": makers.some("delegations")}
    ),
    "POST /assessments": new("trainer", _assess),
    "GET /assessments/{id}": known("trainer", "assessments"),
    "POST /attendance-events": new(
        "trainer", lambda makers: makers.observations(*makers.under_way())
    ),
    "POST /completion-decisions": new(
        "training_manager", lambda makers: {"delegation_id": makers.delivered()[1]["id"]}
    ),
    "GET /completion-decisions/{id}": known("training_manager", "completion-decisions"),
    "GET /delegations": free("cooperative"),
    "POST /delegations": new("cooperative", lambda makers: makers.wish(makers.opened())),
    "GET /delegations/{id}": known("cooperative", "delegations"),
    "POST /delegations/{id}/withdrawals": on(
        "cooperative", lambda makers: makers.delegation(makers.opened())
    ),
    "GET /enrolments": free("cooperative"),
    "GET /enrolments/{id}": known("cooperative", "enrolments"),
    "POST /enrolments/{id}/withdrawals": on(
        "cooperative", lambda makers: makers.delegation(makers.opened())["enrolments"][0]
    ),
    "GET /programme-versions": free("trainer"),
    "GET /programme-versions/{id}": lambda _: Fit("trainer", {"id": training.START_COOP}),
    "GET /programmes": free("trainer"),
    "GET /seat-offers": free("cooperative"),
    "GET /seat-offers/{id}": known("cooperative", "seat-offers"),
    "POST /seat-offers/{id}/acceptances": on("cooperative", Makers.seat_offer),
    "POST /seat-offers/{id}/refusals": on("cooperative", Makers.seat_offer),
    "GET /tool-versions": free("trainer"),
    "GET /tools": free("trainer"),
    "GET /training-certificates": free("cooperative"),
    "POST /training-certificates": new("training_manager", _certify),
    f"GET {_C}": known("cooperative", "training-certificates"),
    f"GET {_C}/credential": known("cooperative", "training-certificates"),
    f"POST {_C}/reinstatements": on(
        "training_manager", Makers.suspended, {"reason": "La plainte était sans objet."}
    ),
    f"POST {_C}/revocation-approvals": _approve_revocation,
    f"GET {_C}/revocations": known("training_manager", "training-certificates"),
    f"POST {_C}/revocations": on("training_manager", Makers.certificate, _REVOCATION),
    f"POST {_C}/suspensions": on("training_manager", Makers.certificate, _SUSPENSION),
    "GET /training-sessions": free("trainer"),
    "POST /training-sessions": new("training_manager", lambda makers: makers.plan()),
    f"GET {_S}": known("training_manager", "training-sessions"),
    f"PATCH {_S}": on("training_manager", _session(), {"venue_name": "Foyer des jeunes"}),
    f"POST {_S}/approvals": on("training_manager", _session("submissions")),
    f"GET {_S}/attendance-sheet": known("training_manager", "training-sessions"),
    f"POST {_S}/cancellations": on("training_manager", _session(), REASON),
    f"POST {_S}/capacity-changes": on(
        "training_manager", _session(*_OPEN), {"capacity": 30, **REASON}
    ),
    f"POST {_S}/closures": on("training_manager", lambda makers: makers.validated()[0]),
    f"POST {_S}/deliveries": on("trainer", lambda makers: makers.taught()[0]),
    f"POST {_S}/openings": on("training_manager", _session("submissions", "approvals")),
    f"POST {_S}/postponements": on("training_manager", _session(*_OPEN), REASON),
    f"POST {_S}/registration-closures": on("training_manager", _session(*_OPEN)),
    f"POST {_S}/result-validations": on("training_manager", lambda makers: makers.decided()[0]),
    f"POST {_S}/starts": on("trainer", Makers.ready_to_start),
    f"POST {_S}/submissions": on("training_manager", _session()),
}

"""Applications, lenders, offers, financings, simulations."""

from tests.financing import banks
from tests.fuzz.makers import Makers, Thing
from tests.fuzz.recipes.fit import Fit, Recipe, free, id_of, known, new, on

_TERMS = {
    "principal_xof": 3_000_000,
    "annual_rate_percent": "10.00",
    "number_of_installments": 12,
    "repay_every": 1,
    "repay_unit": "MONTHS",
    "disbursed_on": "2026-12-01",
    "interest_method": "DECLINING",
    "amortization": "ANNUITY",
    "day_count": "PERIODIC",
    "fees": [{"code": "FILE_FEE", "amount_xof": 25_000, "at": "DISBURSEMENT", "is_tax": False}],
}
_FLOWS = {
    "drawdowns": [{"amount_xof": 1_000_000, "after_months": 0}],
    "payments": [{"amount_xof": 90_000, "after_months": n} for n in range(1, 13)],
}


def _answer(makers: Makers) -> Fit:
    asked = makers.question()
    answers = [{"code": item["code"], "text": "Douze millions."} for item in asked["items"]]
    body = {"information_request_id": asked["id"], "answers": answers}
    return Fit("cooperative", {"id": asked["application_id"]}, body)


def _decide(makers: Makers) -> Fit:
    assignment = makers.assignment()
    return Fit("bank_a", {"id": assignment["id"]}, banks.an_offer(assignment))


def _acknowledged(makers: Makers) -> Thing:
    assignment = makers.assignment()
    path = f"/v1/lender/assignments/{assignment['id']}/acknowledgements"
    makers.crew.post("bank_a", path, {})
    return assignment


def _transmit(makers: Makers) -> Fit:
    path = makers.application("ELIGIBLE")
    body = {"lender_ids": [makers.crew.of(role, "lender_id") for role in ("bank_a", "bank_b")]}
    return Fit("financing_officer", {"id": id_of(path)}, body)


def _repay(makers: Makers) -> Fit:
    body = {"external_ref": "RMB-1", "amount_xof": 1_000, "paid_on": banks.day()}
    path = makers.financing("ACTIVE")
    return Fit("bank_a", {"id": id_of(path)}, body | {"external_ref": f"RMB-{id_of(path)}"})


_A, _L, _F = "/financing-applications/{id}", "/lender/assignments/{id}", "/financings/{id}"

RECIPES: dict[str, Recipe] = {
    "GET /financing-applications": free("cooperative"),
    "POST /financing-applications": new("cooperative", Makers.application_wish),
    f"GET {_A}": known("cooperative", "financing-applications"),
    f"PATCH {_A}": on("cooperative", Makers.application, {"term_months": 9}),
    f"POST {_A}/appeals": on(
        "cooperative",
        lambda makers: makers.application("NOT_ELIGIBLE"),
        {"reason": "Le dossier est complet."},
    ),
    f"POST {_A}/eligibility-decisions": on(
        "financing_validator",
        lambda makers: makers.application("UNDER_REVIEW"),
        {"outcome": "ELIGIBLE"},
    ),
    f"POST {_A}/information-answers": _answer,
    f"GET {_A}/information-requests": known("cooperative", "financing-applications"),
    f"POST {_A}/reviews": on(
        "financing_officer",
        lambda makers: makers.application("SUBMITTED"),
        {"outcome": "COMPLETE"},
    ),
    f"POST {_A}/submissions": on("cooperative", Makers.application),
    f"POST {_A}/transmissions": _transmit,
    f"POST {_A}/withdrawals": on("cooperative", Makers.application),
    "GET /financing-products": free("bank_a"),
    "GET /financing-products/{code}": lambda _: Fit("bank_a", {"code": "CAMPAIGN_CREDIT"}),
    "GET /financing-products/{code}/eligibility": lambda makers: Fit(
        "cooperative",
        {"code": "CAMPAIGN_CREDIT"},
        query={"cooperative_id": makers.eligible_cooperative()},
    ),
    "GET /financings": free("bank_a"),
    f"GET {_F}": known("bank_a", "financings"),
    f"POST {_F}/contracts": lambda makers: Fit(
        "bank_a", {"id": id_of(makers.financing())}, banks.a_contract()
    ),
    f"POST {_F}/disbursements": lambda makers: Fit(
        "bank_a", {"id": id_of(makers.financing("CONTRACTED"))}, banks.a_disbursement(1_000)
    ),
    f"POST {_F}/repayments": _repay,
    "GET /lender/assignments": free("bank_a"),
    f"GET {_L}": known("bank_a", "lender/assignments"),
    f"POST {_L}/acknowledgements": on("bank_a", Makers.assignment),
    f"POST {_L}/decisions": _decide,
    f"POST {_L}/information-requests": on(
        "bank_a", _acknowledged, {"items": [{"code": "CASH_FLOW", "text": "Quelles recettes ?"}]}
    ),
    "GET /lender/decisions": free("bank_a"),
    "GET /lender/decisions/{id}": known("bank_a", "lender/decisions"),
    "POST /lender/signature-tests": free("bank_a"),
    "GET /lenders": free("bank_a"),
    "GET /offers": free("cooperative"),
    "GET /offers/{id}": known("cooperative", "offers"),
    "POST /offers/{id}/acceptances": on("cooperative", Makers.offer),
    "POST /rate-calculations": lambda _: Fit(None, body=_FLOWS),
    "GET /rate-ceilings": free("bank_a"),
    "POST /repayment-schedules": lambda _: Fit(None, body=_TERMS),
}

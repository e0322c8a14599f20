"""Groups, filings, the register."""

from tests.fuzz.makers import Makers
from tests.fuzz.recipes.fit import Fit, Recipe, anyone, free, known, new, on


def _mark_read(makers: Makers) -> Fit:
    filing = makers.filing("SUBMITTED")
    path = f"/v1/filings/{filing['id']}/messages"
    sent = makers.crew.post("volunteer", path, {"text": "Bonjour."})
    return Fit("instructor", {"id": filing["id"]}, {"message_id": sent["id"]})


RECIPES: dict[str, Recipe] = {
    "GET /code-lists/{name}": anyone(name="sectors"),
    "GET /cooperatives": anyone(),
    "GET /cooperatives/{id}": known(None, "cooperatives"),
    "GET /cooperatives/{id}/officers": known(None, "cooperatives"),
    "GET /cooperatives/{id}/revisions": known(None, "cooperatives"),
    "GET /cooperatives/{id}/changes": known(None, "cooperatives"),
    "GET /cooperatives/{id}/members": known("cooperative", "cooperatives"),
    "GET /cooperatives/{id}/alerts": known(None, "cooperatives"),
    "GET /alerts": free("instructor"),
    "GET /cooperatives/{id}/allowed-actions": known("volunteer", "cooperatives"),
    "GET /cooperatives/{id}/obligations": known(None, "cooperatives"),
    "GET /cooperatives/{id}/obligations.ics": known(None, "cooperatives"),
    "POST /cooperatives/{id}/signing-authority-checks": lambda makers: Fit(
        "bank_a",
        {"id": makers.some("cooperatives")},
        {
            "persons": [{"family_name": "Diatta", "given_names": "Awa"}],
            "amount_xof": 250_000,
        },
    ),
    "GET /events": anyone(),
    "GET /events/checkpoints": anyone(),
    "GET /events/tip": anyone(),
    "GET /filings/{id}/person-matches": lambda makers: Fit(
        "instructor", {"id": makers.filing("SUBMITTED")["id"]}
    ),
    "GET /members/{id}": lambda makers: Fit("cooperative", {"id": makers.member()}),
    "POST /members/{id}/link-codes": lambda makers: Fit(
        "instructor", {"id": makers.member()}, {"ground": "IDENTITY_DOCUMENT_SEEN"}
    ),
    "POST /me/member-links": new("volunteer", lambda makers: {"code": makers.link_code()}),
    "GET /me/personal-data": free("volunteer"),
    "GET /me/data-accesses": free("volunteer"),
    "GET /data-accesses": free("data_protection"),
    "GET /data-requests": free("data_protection"),
    "POST /data-requests": new(
        "data_protection", lambda makers: {"kind": "OBJECTION", "member_id": makers.member()}
    ),
    "GET /data-requests/{id}": lambda makers: Fit(
        "data_protection", {"id": makers.data_request("data_protection")["id"]}
    ),
    "POST /data-requests/{id}/decisions": on(
        "data_protection",
        lambda makers: makers.data_request("trainer"),
        {"outcome": "GRANTED", "reason": "Accordé"},
    ),
    "POST /data-requests/{id}/withdrawals": on(
        "data_protection", lambda makers: makers.data_request("data_protection")
    ),
    "GET /filings": free("volunteer"),
    "POST /filings": new("volunteer", lambda makers: makers.registration()),
    "GET /filings/{id}": known("volunteer", "filings"),
    "PATCH /filings/{id}": on("volunteer", Makers.filing, {"payload": {"object": "Autre objet"}}),
    "POST /filings/{id}/assignments": on(
        "instructor", lambda makers: makers.filing("SUBMITTED"), {"kind": "TAKE"}
    ),
    "POST /filings/{id}/territory-transfers": on(
        "registrar",
        lambda makers: makers.filing("SUBMITTED"),
        {"authority_code": "SN-KD-KD", "reason": "Le siège relève de Kolda."},
    ),
    "GET /filings/{id}/progress": known("volunteer", "filings"),
    "GET /filings/{id}/changes-since-review": known("volunteer", "filings"),
    "GET /filings/{id}/messages": known("volunteer", "filings"),
    "POST /filings/{id}/messages": on(
        "volunteer", lambda makers: makers.filing("SUBMITTED"), {"text": "Bonjour."}
    ),
    "POST /filings/{id}/read-marks": _mark_read,
    "GET /filings/{id}/timeline": known("volunteer", "filings"),
    "GET /filings/{id}/decisions": known("volunteer", "filings"),
    "POST /filings/{id}/decisions": on(
        "validator", lambda makers: makers.filing("UNDER_REVIEW"), {"outcome": "APPROVED"}
    ),
    "GET /filings/{id}/reviews": known("volunteer", "filings"),
    "POST /filings/{id}/reviews": on(
        "instructor", lambda makers: makers.filing("SUBMITTED"), {"outcome": "COMPLETE"}
    ),
    "POST /filings/{id}/submissions": on("volunteer", Makers.filing),
    "POST /filings/{id}/withdrawals": on("volunteer", Makers.filing),
    "GET /imports": free("registrar"),
    "POST /imports": new("registrar", Makers.list_of_others),
    "GET /imports/{id}": known("registrar", "imports"),
    "PATCH /imports/{id}": on("registrar", Makers.brought_in, {"mode": "ATOMIC"}),
    "GET /imports/{id}/rows": known("registrar", "imports"),
    "GET /imports/{id}/report": known("registrar", "imports"),
    "POST /imports/{id}/decisions": on("validator", Makers.brought_in, {"outcome": "APPROVED"}),
    "GET /operations/{id}": known("registrar", "operations"),
    "GET /initiatives": free("volunteer"),
    "POST /initiatives": new(
        "volunteer",
        lambda makers: {
            "name": "Femmes de Diendé",
            "commune_code": "SN-SE-SD3-1",
            "activity": "Transformation de la noix de cajou",
            "members_count": 7,
            "women_count": 7,
        },
    ),
    "GET /initiatives/{id}": known("volunteer", "initiatives"),
    "GET /ledger": free("instructor"),
    "GET /statistics/filings": anyone(),
    "GET /work-items": free("instructor"),
    "GET /holidays": anyone(),
    "POST /holidays": new(
        "registrar",
        lambda makers: {
            "on": "2060-03-02",
            "name": {"fr": "Korité", "en": "Eid al-Fitr"},
            "source": "décret du jour",
        },
    ),
    "GET /verifications/{code}": known(None, "training codes", "code"),
    "GET /signing-keys/{kid}": lambda makers: Fit(None, {"kid": makers.key_id()}),
}

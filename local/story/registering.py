"""Chapter two: the group registers, under four eyes."""

from datetime import date
from typing import Any

from local.story.people import officer, registration
from local.story.teller import Teller


def register(teller: Teller, initiative: dict[str, Any], people: list[dict[str, Any]]) -> Any:
    """From a draft full of mistakes to a cooperative; returns the decision."""
    teller.chapter("2. The group registers")
    declared = registration(initiative["name"], people)
    _dry_run(teller, declared)
    filing = _file(teller, initiative, declared)
    _four_eyes(teller, filing)
    return _approve(teller, filing)


def _dry_run(teller: Teller, declared: dict[str, Any]) -> None:
    elected = date.fromisoformat(declared["assembly_on"])
    wrong = {
        **declared,
        "name": "Jappoo",
        "members": declared["members"][:4],
        "capital_xof": 4 * 5 * 5000,
        "officers": [
            officer("p0", "MANAGING", "PRESIDENT", elected),
            *({**officer(p, "SUPERVISORY", "MEMBER", elected)} for p in ("p0", "p1", "p2")),
        ],
    }
    body = {"type": "REGISTRATION", "payload": wrong}
    answer = teller.ask("volunteer", "POST", "/v1/filings?validate_only=true", json_body=body)
    verdict = teller.expect(answer, 200)
    found = {f["code"]: f for f in verdict["findings"] if f["severity"] == "BLOCK"}
    for code in ("MEMBERS_BELOW_MINIMUM", "NAME_FORM_SUFFIX_MISSING", "MANDATE_INCOMPATIBLE"):
        teller.sure(code in found, f"{code} was found")
        where = f"{found[code]['pointer']} ({found[code]['law_ref']})"
        teller.say(f"dry run: {code} at {where}")
    teller.sure(not verdict["is_valid"], "a draft with these mistakes is invalid")


def _file(teller: Teller, initiative: dict[str, Any], declared: dict[str, Any]) -> Any:
    body = {
        "type": "REGISTRATION",
        "initiative_id": initiative["id"],
        "effective_on": declared["assembly_on"],
        "payload": declared,
    }
    draft = teller.post("volunteer", "/v1/filings", body)
    filing = teller.post("volunteer", f"/v1/filings/{draft['id']}/submissions", {})
    teller.say(f"submitted: arrival number {filing['arrival_number']}")
    lines = teller.get("instructor", "/v1/ledger?limit=200")
    while lines["next"]:
        lines = teller.get("instructor", lines["next"].removeprefix(teller.base))
    numbers = {line["arrival_number"] for line in lines["items"]}
    teller.sure(filing["arrival_number"] in numbers, "the ledger has the arrival")
    seen = teller.get("instructor", f"/v1/filings/{draft['id']}")
    masked = seen["payload"]["members"][0]["nin"]
    teller.sure(masked == {"is_masked": True}, "the instructor sees no national number")
    teller.say("the instructor sees the file; national numbers are masked")
    return filing


def _four_eyes(teller: Teller, filing: dict[str, Any]) -> None:
    path = f"/v1/filings/{filing['id']}"
    review = teller.post("dual_agent", f"{path}/reviews", {"outcome": "COMPLETE"})
    headers = {"If-Match": f'"{review["version"]}"'}
    body = {"outcome": "APPROVED"}
    answer = teller.ask("dual_agent", "POST", f"{path}/decisions", json_body=body, headers=headers)
    teller.refused(answer, 403, "FOUR_EYES")
    teller.say("who reviewed may not decide: FOUR_EYES")


def _approve(teller: Teller, filing: dict[str, Any]) -> Any:
    path = f"/v1/filings/{filing['id']}"
    version = teller.get("validator", path)["version"]
    headers = {"If-Match": f'"{version}"'}
    body = {"outcome": "APPROVED"}
    decision = teller.post("validator", f"{path}/decisions", body, headers=headers)
    teller.say(f"approved: {decision['registration_number']}")
    cooperative = teller.get(None, f"/v1/cooperatives/{decision['cooperative_id']}")
    proof = teller.get(None, f"/v1/verifications/{decision['verification_code']}")
    teller.sure(proof["status"] == "VALID", "the certificate is valid")
    teller.sure(proof["facts"]["name"] == cooperative["name"], "it attests the name")
    teller.say(f"anyone verifies {decision['verification_code']}: {proof['status']}")
    return decision

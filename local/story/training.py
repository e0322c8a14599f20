"""Chapter one: a group takes Start.COOP, which was held last month and is entered late."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from local.story.people import COMMUNE
from local.story.teller import Teller

_FRENCH_EDITION = datetime(2020, 7, 1, tzinfo=UTC)
_TRIES = 60


def train(teller: Teller, name: str, people: list[dict[str, Any]]) -> Any:
    """From an initiative to a certificate that anyone verifies; returns the initiative."""
    teller.chapter("1. A group is trained")
    initiative = _start(teller, name, people)
    session = _open(teller)
    delegation = _enrol(teller, session, initiative, people)
    _teach(teller, session, delegation)
    _certify(teller, session, delegation, initiative)
    return initiative


def _start(teller: Teller, name: str, people: list[dict[str, Any]]) -> Any:
    body = {
        "name": name,
        "commune_code": COMMUNE,
        "activity": "Transformation de la noix de cajou",
        "members_count": len(people),
        "women_count": len(people),
        "organisation_id": teller.of("cooperative", "organisation_id"),
    }
    initiative = teller.post("volunteer", "/v1/initiatives", body)
    teller.say(f"seven women of Diendé start {name}")
    return initiative


def _programme(teller: Teller) -> Any:
    path: str | None = "/v1/programme-versions?limit=200"
    while path:
        page = teller.get("training_manager", path)
        for version in page["items"]:
            if version["programme_code"] == "START_COOP" and version["status"] == "PUBLISHED":
                return version
        path = (page["next"] or "").removeprefix(teller.base)
    return None


def _slots(programme: dict[str, Any]) -> list[dict[str, Any]]:
    # one module a day, from some day since the French edition of 2020: the trainer may be bound
    # on any of them, since this story can be told any number of times
    days = (datetime.now(UTC) - _FRENCH_EDITION).days - 10
    first = _FRENCH_EDITION + timedelta(days=random.randrange(days))  # noqa: S311
    slots = []
    for n, module in enumerate(programme["modules"]):
        begins = first + timedelta(days=n, hours=8)
        ends = begins + timedelta(minutes=module["minutes"])
        times = {"starts_at": _wire(begins), "ends_at": _wire(ends)}
        slots.append({**times, "module_codes": [module["code"]]})
    return slots


def _wire(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _open(teller: Teller) -> Any:
    programme = _programme(teller)
    teller.sure(programme is not None, "Start.COOP is published")
    approved: dict[str, Any] = {}
    for _ in range(_TRIES):
        approved = approved or _approved(teller, programme)
    teller.sure(bool(approved), "the trainer was free on some day")
    session = _advance(teller, "training_manager", approved, "openings")
    teller.say("the training manager enters a session already held, with the reason")
    return {**session, "modules": programme["modules"]}


def _approved(teller: Teller, programme: dict[str, Any]) -> Any:
    session = _plan(teller, programme)
    path = f"/v1/training-sessions/{session['id']}"
    headers = {"If-Match": f'"{session["version"]}"'}
    answer = teller.ask(
        "training_manager", "POST", f"{path}/approvals", json_body={}, headers=headers
    )
    if answer.status_code == 409:
        teller.refused(answer, 409, "RESOURCE_CONFLICT")
        body = {"reason": "Formatrice déjà prise ce jour-là"}
        teller.post("training_manager", f"{path}/cancellations", body, headers=headers)
        return {}
    return teller.expect(answer, 201)


def _plan(teller: Teller, programme: dict[str, Any]) -> Any:
    body = {
        "programme_version_id": programme["id"],
        "language": "fr",
        "commune_code": COMMUNE,
        "lead_trainer_sub": teller.of("trainer", "sub"),
        "capacity": 25,
        "min_participants": 5,
        "recorded_late": {"reason": "Tenue avant l'ouverture de la plateforme"},
        "slots": _slots(programme),
    }
    session = teller.post("training_manager", "/v1/training-sessions", body)
    return _advance(teller, "training_manager", session, "submissions")


def _advance(teller: Teller, role: str, session: dict[str, Any], act: str) -> Any:
    path = f"/v1/training-sessions/{session['id']}"
    version = teller.get(role, path)["version"]
    return teller.post(role, f"{path}/{act}", {}, headers={"If-Match": f'"{version}"'})


def _enrol(
    teller: Teller,
    session: dict[str, Any],
    initiative: dict[str, Any],
    people: list[dict[str, Any]],
) -> Any:
    body = {
        "training_session_id": session["id"],
        "initiative_id": initiative["id"],
        "mode": "ALL_OR_NOTHING",
        "members": people,
    }
    delegation = teller.post("cooperative", "/v1/delegations", body)
    teller.sure(delegation["seats_held"] == len(people), "all seven have a seat")
    teller.say("the group enrols as one: seven seats, all or nothing")
    return delegation


def _teach(teller: Teller, session: dict[str, Any], delegation: dict[str, Any]) -> None:
    _advance(teller, "training_manager", session, "registration-closures")
    _advance(teller, "trainer", session, "starts")
    body = {
        "training_session_id": session["id"],
        "events": [
            _seen(slot, place) for slot in session["slots"] for place in delegation["enrolments"]
        ],
    }
    answer = teller.ask("trainer", "POST", "/v1/attendance-events", json_body=body)
    statuses = {result["status"] for result in teller.expect(answer, 200)["results"]}
    teller.sure(statuses == {201}, "every attendance is recorded")
    teller.say(f"{len(body['events'])} attendances are recorded from the paper sheets")
    for module in session["modules"]:
        _assess(teller, delegation, module)
    teller.say("the four deliverables are accepted: idea, feasibility, plan, organisation")
    _advance(teller, "trainer", session, "deliveries")


def _seen(slot: dict[str, Any], place: dict[str, Any]) -> dict[str, Any]:
    return {
        "client_event_id": str(uuid4()),
        "enrolment_id": place["id"],
        "slot_id": slot["id"],
        "status": "PRESENT",
        "method": "PAPER",
        "captured_at": slot["ends_at"],
    }


def _assess(teller: Teller, delegation: dict[str, Any], module: dict[str, Any]) -> None:
    body = {
        "delegation_id": delegation["id"],
        "module_code": module["code"],
        "deliverable_code": module["expected_output"],
        "outcome": "ACCEPTED",
    }
    teller.post("trainer", "/v1/assessments", body)


def _certify(
    teller: Teller,
    session: dict[str, Any],
    delegation: dict[str, Any],
    initiative: dict[str, Any],
) -> None:
    body = {"delegation_id": delegation["id"]}
    decision = teller.post("training_manager", "/v1/completion-decisions", body)
    teller.sure(decision["outcome"] == "ACHIEVED", "the group achieved Start.COOP")
    _advance(teller, "training_manager", session, "result-validations")
    asked = {"completion_decision_id": decision["id"]}
    certificate = teller.post("training_manager", "/v1/training-certificates", asked)
    code = certificate["verification_code"]
    proof = teller.get(None, f"/v1/verifications/{code}")
    teller.sure(proof["status"] == "VALID", "the training certificate is valid")
    teller.say(f"completion: {decision['outcome']}; anyone verifies {code}: {proof['status']}")
    teller.sure(initiative["name"] in str(proof), "the certificate names the group")

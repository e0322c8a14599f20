"""Chapter five: the cooperative lives on, and the register keeps what it said before."""

from datetime import date, timedelta
from typing import Any

from chassis.chain import broken_at
from local.story.teller import Teller


def live(teller: Teller, decision: dict[str, Any]) -> None:
    """A change of officers, a correction, the register as it was, and the proof of both."""
    teller.chapter("5. The cooperative lives on")
    id = decision["cooperative_id"]
    before = teller.get(None, f"/v1/cooperatives/{id}")
    _new_president(teller, id)
    _correction(teller, id)
    _as_it_was(teller, id, before)
    _proof(teller)


def _day(days_ago: int) -> str:
    return (date.today() - timedelta(days=days_ago)).isoformat()  # noqa: DTZ011 - a day is enough


def file(
    teller: Teller, role: str, type: str, cooperative_id: str, payload: dict[str, Any]
) -> dict[str, Any]:
    """A filing about a cooperative, from draft to approval, by three persons."""
    wish = {"type": type, "cooperative_id": cooperative_id, "payload": payload}
    draft = teller.post(role, "/v1/filings", wish)
    path = f"/v1/filings/{draft['id']}"
    teller.post(role, f"{path}/submissions", {})
    review = teller.post("instructor", f"{path}/reviews", {"outcome": "COMPLETE"})
    headers = {"If-Match": f'"{review["version"]}"'}
    teller.post("validator", f"{path}/decisions", {"outcome": "APPROVED"}, headers=headers)
    found: dict[str, Any] = draft
    return found


def _president(teller: Teller, path: str) -> dict[str, Any]:
    officers = teller.get(None, path)["items"]
    [found] = [one for one in officers if one["function"] == "PRESIDENT"]
    return dict(found)


def _new_president(teller: Teller, id: str) -> None:
    old = _president(teller, f"/v1/cooperatives/{id}/officers")
    members = teller.get("cooperative", f"/v1/cooperatives/{id}/members")["items"]
    names = {(one["family_name"], one["given_names"]): one for one in members}
    successor = names["Sadio", "Ndèye"]
    wish = {
        "decided_on": _day(1),
        "ends": [{"mandate_id": old["mandate_id"], "reason": "RESIGNATION"}],
        "mandates": [
            {
                "member_id": successor["id"],
                "organ": "MANAGING",
                "function": "PRESIDENT",
                "from_on": _day(1),
            }
        ],
    }
    file(teller, "volunteer", "CHANGE_OF_OFFICERS", id, wish)
    new = _president(teller, f"/v1/cooperatives/{id}/officers")
    teller.sure(new["given_names"] == "Ndèye", "the new president is in the register")
    teller.say(f"{new['given_names']} {new['family_name']} presides since {new['from_on']}")


def _correction(teller: Teller, id: str) -> None:
    first = teller.get(None, f"/v1/cooperatives/{id}/revisions")["items"][0]
    wish = {
        "corrects_filing_id": first["filing_id"],
        "reason": "Erreur de transcription",
        "fields": {"object": "Transformation et vente de noix et de pommes de cajou"},
    }
    file(teller, "registrar", "CORRECTION", id, wish)
    flagged = teller.get(None, f"/v1/cooperatives/{id}/revisions")["items"][0]
    teller.sure(len(flagged["corrected_by"]) == 1, "the first entry is flagged, not changed")
    teller.say("a correction stands behind the registration, which stays as it was and is flagged")


def _as_it_was(teller: Teller, id: str, before: dict[str, Any]) -> None:
    path = f"/v1/cooperatives/{id}"
    now = teller.get(None, path)
    then = teller.get(None, f"{path}?as_of={_day(3)}")
    known = teller.get(None, f"{path}?as_of={_day(3)}&known_at={before['known_at']}")
    presidents = [
        next(one["given_names"] for one in read["officers"] if one["function"] == "PRESIDENT")
        for read in (now, then)
    ]
    teller.sure(presidents == ["Ndèye", "Awa"], "each day has its president")
    teller.say(f"on {_day(3)} {presidents[1]} presided; today it is {presidents[0]}")
    teller.sure(then["object"] == now["object"] != known["object"], "both objects can be read")
    teller.say("what a bank read before the correction can be read again, as it was known then")
    changes = teller.get(None, f"{path}/changes")["items"]
    teller.say(f"{len(changes)} changes of single fields, each with its filing, old and new")


def _proof(teller: Teller) -> None:
    events = teller.get(None, "/v1/events?limit=200")["items"]
    teller.sure(broken_at(events) is None, "the chain holds")
    sealed = teller.get(None, "/v1/events/checkpoints")["items"]
    hashes = {event["sequence"]: event["hash"] for event in events}
    mine = [one for one in sealed if one["chain"] == "public" and one["sequence"] in hashes]
    teller.sure(all(hashes[one["sequence"]] == one["hash"] for one in mine), "checkpoints agree")
    teller.say(f"the chain is whole, and {len(mine)} signed checkpoints agree (`make verify`)")

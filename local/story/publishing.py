"""Chapter four: what anyone sees, and what nobody sees."""

import json
import time
from typing import Any

from chassis.chain import broken_at
from local.story.teller import Teller

_PERSONAL = ("nin", "phone", "birth", "given_names", "family_name")


def publish(teller: Teller, decision: dict[str, Any], name: str) -> None:
    """Search without a person; the public stream, in order and unbroken."""
    teller.chapter("4. Anyone looks")
    found = teller.get(None, f"/v1/cooperatives?q={name.rsplit(maxsplit=1)[-1]}")["items"]
    teller.sure([c["id"] for c in found] == [decision["cooperative_id"]], "search finds it")
    text = json.dumps(found)
    teller.sure(not any(word in text for word in _PERSONAL), "search names no person")
    teller.say("search finds the cooperative and names no person")
    events = _stream(teller, decision["cooperative_id"])
    sequences = [event["sequence"] for event in events]
    teller.sure(sequences == list(range(1, len(events) + 1)), "the stream has no gap")
    teller.sure(broken_at(events) is None, "the chain holds")
    teller.say(f"{len(events)} public facts, in order, no gap; the chain holds from the first")


def _stream(teller: Teller, cooperative_id: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    until = time.monotonic() + 10
    while time.monotonic() < until:
        after = events[-1]["sequence"] if events else 0
        page = teller.get(None, f"/v1/events?after={after}&limit=200")["items"]
        events += page
        if any(event["data"]["cooperative_id"] == cooperative_id for event in events):
            return events
        time.sleep(0.1 if not page else 0)
    return events

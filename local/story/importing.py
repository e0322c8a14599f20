"""Chapter six: the organisations that the ministry knows already come in from their list."""

import time
from typing import Any

from local.members import ROOT
from local.story.teller import Surprise, Teller

_LIST = ROOT / "data" / "sample_coops.csv"


def import_list(teller: Teller) -> None:
    """34 real organisations, half of them with gaps; a second person decides."""
    teller.chapter("6. The ministry's list comes in")
    path, sent = "/v1/imports?source=ministry&mode=PARTIAL", {"Content-Type": "text/csv"}
    answer = teller.ask("registrar", "POST", path, content=_LIST.read_bytes(), headers=sent)
    started = teller.expect(answer, 202)
    _follow(teller, "registrar", started["operation_id"])
    checked = teller.get("registrar", f"/v1/imports/{started['id']}")
    teller.say(f"checked, nothing entered yet: {_counts(checked)}")
    if not checked["counts"]["READY"]:
        teller.say("every row is known already from an earlier telling: nothing enters twice")
        return
    headers = {"If-Match": f'"{checked["version"]}"'}
    body = {"outcome": "APPROVED"}
    path = f"/v1/imports/{started['id']}/decisions"
    answer = teller.ask("registrar", "POST", path, json_body=body, headers=headers)
    teller.sure(answer.status_code == 403, "who uploads does not decide")
    decided = teller.expect(
        teller.ask("validator", "POST", path, json_body=body, headers=headers), 201
    )
    _follow(teller, "validator", decided["operation_id"])
    entered = teller.get("validator", f"/v1/imports/{started['id']}")
    teller.say(f"decided by a second person: {_counts(entered)}")


def _counts(read: dict[str, Any]) -> str:
    return ", ".join(f"{name.lower()} {n}" for name, n in read["counts"].items() if n)


def _follow(teller: Teller, role: str, operation_id: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        status = teller.get(role, f"/v1/operations/{operation_id}")["status"]
        if status == "SUCCEEDED":
            return
        if status == "FAILED":
            break
        time.sleep(0.2)
    raise Surprise(f"the operation {operation_id} did not succeed")

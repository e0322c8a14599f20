"""The contract that was released, and what has become of it since."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from contract.breaks import breaks
from contract.refusals import CannotJudge
from gateway.contract.document import COMMITTED, merged
from local.openapi import SERVICES, service_document

BASELINE = COMMITTED / "released" / "v1.json"


@cache
def _written() -> str:
    return json.dumps(merged({name: service_document(name) for name in SERVICES}))


def current() -> dict[str, Any]:
    """The contract as the routes say it now, whether or not `make openapi` was called since."""
    found: dict[str, Any] = json.loads(_written())
    return found


def check(baseline: Path = BASELINE) -> None:
    """Refuse a contract that breaks the released one, with the list of what broke."""
    if not baseline.exists():
        raise CannotJudge(f"There is no {baseline}: `make release-contract` writes it.")
    found = breaks(json.loads(baseline.read_text(encoding="utf-8")), current())
    if found:
        print(*found, sep="\n", flush=True)
        raise CannotJudge(
            f"{len(found)} change(s) break the released contract ({baseline.name}): keep what"
            " callers rely on beside what is new; CONTRIBUTING.md says how."
        )
    print("Nothing breaks the released contract.", flush=True)


def release(baseline: Path = BASELINE, *, accept_breaks: bool = False) -> None:
    """Make the contract of now the released one; breaks must be accepted in so many words."""
    if baseline.exists() and not accept_breaks:
        check(baseline)
    text = json.dumps(current(), ensure_ascii=False, indent=1, sort_keys=True)
    baseline.parent.mkdir(exist_ok=True)
    baseline.write_text(text + "\n", encoding="utf-8")
    print(f"{baseline.name} is the released contract now: commit it.", flush=True)

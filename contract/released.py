"""The contract that was released, and what has become of it since."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contract.breaks import breaks, event_breaks
from contract.refusals import CannotJudge
from gateway.contract.document import merged
from local.openapi import ROOT, SERVICES, asyncapi, service_document

Document = dict[str, Any]


@cache
def _written() -> str:
    return json.dumps(merged({name: service_document(name) for name in SERVICES}))


def current() -> Document:
    """The contract as the routes say it now, whether or not `make openapi` was called since."""
    found: Document = json.loads(_written())
    return found


@dataclass(frozen=True)
class Promise:
    """A released document, what it has become, and how the two are compared."""

    baseline: Path
    now: Callable[[], Document]
    compare: Callable[[Document, Document], list[str]]

    def broken(self) -> list[str]:
        """What would break those who rely on it, one line each."""
        if not self.baseline.exists():
            raise CannotJudge(f"There is no {self.baseline}: `make release-contract` writes it.")
        return self.compare(json.loads(self.baseline.read_text(encoding="utf-8")), self.now())

    def renew(self) -> None:
        """Promise what it is now."""
        text = json.dumps(self.now(), ensure_ascii=False, indent=1, sort_keys=True)
        self.baseline.parent.mkdir(exist_ok=True)
        self.baseline.write_text(text + "\n", encoding="utf-8")


API = Promise(ROOT / "docs/api/released/v1.json", current, breaks)
EVENTS = Promise(ROOT / "docs/events/released/v1.json", asyncapi, event_breaks)
PROMISES = (API, EVENTS)


def check(*promises: Promise) -> None:
    """Refuse a contract that breaks the released one, with the list of what broke."""
    found = [line for promise in promises for line in promise.broken()]
    if found:
        print(*found, sep="\n", flush=True)
        raise CannotJudge(
            f"{len(found)} change(s) break the released contract: keep what callers rely on beside"
            " what is new; CONTRIBUTING.md says how."
        )
    print("Nothing breaks the released contract.", flush=True)


def release(*promises: Promise, accept_breaks: bool = False) -> None:
    """Make the contract of now the released one; breaks must be accepted in so many words."""
    if not accept_breaks:
        check(*(promise for promise in promises if promise.baseline.exists()))
    for promise in promises:
        promise.renew()
        print(f"{promise.baseline} is released: commit it.", flush=True)

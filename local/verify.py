"""The verifier of the ledger, run on the town of this folder."""

import os
import sys

from local.errors import CannotRun
from local.plan import Plan


def verify(plan: Plan, words: list[str]) -> None:
    """Become `python -m services.registry.verify_ledger`; does not return."""
    keys = plan.folder / "keys" / "registry"
    if not (keys / "database-url").exists():
        raise CannotRun(f"No town was prepared in {plan.folder}: start one with make run.")
    told = {
        "REGISTRY_DATABASE_URL_FILE": str(keys / "database-url"),
        "REGISTRY_KEYS_FILE": str(keys / "keys.json"),
        **os.environ,
    }
    command = [sys.executable, "-m", "services.registry.verify_ledger", *words]
    os.execve(sys.executable, command, told)  # noqa: S606

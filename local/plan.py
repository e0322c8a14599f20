"""What the person at the terminal asked for, read once from the environment."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from local.addresses import Address
from local.databases import SERVICES
from local.place import data_folder


@dataclass(frozen=True)
class Plan:
    """Where the town keeps its files, whose PostgreSQL it uses, whether it has demo accounts."""

    folder: Path
    server: Address | None
    given: dict[str, Address]
    demo: bool
    owners: dict[str, Address] = field(default_factory=dict)

    @property
    def is_embedded(self) -> bool:
        """Whether some database has no server of its own to live on."""
        return self.server is None and len(self.given) < len(SERVICES)


def read_plan(*, demo: bool) -> Plan:
    """Read `MBOOLO_DATA`, `DATABASE_URL`, `<SERVICE>_DATABASE_URL` and `_OWNER_URL`, `MBOOLO_DEMO`.

    `demo` holds when `MBOOLO_DEMO` is not set.
    """
    wish = os.environ.get("MBOOLO_DEMO")
    return Plan(
        folder=data_folder(),
        server=_address("DATABASE_URL"),
        given=_addresses("DATABASE_URL"),
        demo=wish == "1" if wish else demo,
        owners=_addresses("OWNER_URL"),
    )


def _addresses(suffix: str) -> dict[str, Address]:
    return {name: a for name in SERVICES if (a := _address(f"{name.upper()}_{suffix}"))}


def _address(variable: str) -> Address | None:
    url = os.environ.get(variable)
    return Address(url, variable) if url else None

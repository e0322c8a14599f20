"""Who lives in the town: four processes, their ports, and what each is told by its environment."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chassis.keys import ensure_keys, write_private
from chassis.vault import ensure_vault
from local.health import HOST

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Member:
    """One process, started as `python -m <package>`; its variables begin with its name."""

    name: str
    package: str
    port: int
    keys: str
    has_vault: bool = True

    def command(self, *words: str) -> list[str]:
        """The command line that does `words`; none: serve."""
        return [sys.executable, "-m", self.package, *words]

    def variable(self, suffix: str) -> str:
        """For example `REGISTRY_PORT`."""
        return f"{self.name.upper()}_{suffix}"


# What the demo's frontend needs, and room enough for whoever tries what the platform stands.
_WIDE = {
    "STANDARD": {
        "PUBLIC": {"quota": 3_000, "daily": 1_000_000},
        "READS": {"quota": 3_000, "daily": 1_000_000},
        "WRITES": {"quota": 12_000, "daily": 1_000_000},
        "HEAVY": {"quota": 1_200, "daily": 1_000_000},
        "TOKENS": {"quota": 3_000, "daily": 1_000_000},
        "SIGN_IN": {"quota": 1_200, "daily": 1_000_000},
    }
}
_TRIAL = {
    "GATEWAY_CORS_ORIGINS": json.dumps(["http://127.0.0.1:5173"]),
    "GATEWAY_TIERS": json.dumps(_WIDE),
}

MEMBERS = (
    Member("registry", "services.registry", 8001, "reg"),
    Member("training", "services.training", 8002, "trn"),
    Member("financing", "services.financing", 8003, "fin"),
    Member("gateway", "gateway", 8000, "gw"),
)


def environments(
    members: tuple[Member, ...], folder: Path, ports: Mapping[str, int], urls: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """What each process is told, and nothing that is meant for another one.

    A variable of its own that is already set in our environment wins, except port and database,
    which were read from there before.
    """
    peers = {name: f"http://{HOST}:{port}" for name, port in ports.items()}
    told = {}
    for member in members:
        files = folder / "keys" / member.name
        told[member.name] = {
            member.variable("HOST"): HOST,
            member.variable("PUBLIC_URL"): peers["gateway"],
            member.variable("PEERS"): json.dumps(peers),
            member.variable("KEYS_FILE"): str(files / "keys.json"),
            member.variable("VAULT_FILE"): str(files / "vault.json"),
            **(_trial(folder) if member.name == "gateway" else {}),
            **_inherited(member, members),
            member.variable("PORT"): str(ports[member.name]),
            member.variable("DATABASE_URL"): urls[member.name],
        }
    return told


def _trial(folder: Path) -> dict[str, str]:
    # letters hold codes: where somebody else could read them, they wait for a mail server instead
    is_real = os.environ.get("GATEWAY_ENVIRONMENT") == "production"
    return _TRIAL | ({} if is_real else {"GATEWAY_MAIL_FOLDER": str(folder / "outbox")})


def _inherited(member: Member, members: tuple[Member, ...]) -> dict[str, str]:
    foreign = tuple(other.variable("") for other in members if other is not member)
    # a process that serves is not told how to be the owner of its tables
    withheld = {"DATABASE_URL", "POSTGRES_PASSWORD", member.variable("OWNER_URL")}
    if member.name != "gateway":
        withheld.add("RATE_LIMIT_URL")
    return {
        name: value
        for name, value in os.environ.items()
        if value and name not in withheld and not name.startswith(foreign)
    }


def ensure_key_files(members: tuple[Member, ...], told: Mapping[str, Mapping[str, str]]) -> None:
    """Make the key files that are missing, mode 0600; beside them, how the process signs in at its
    database, for who starts it by hand or in a container (`<NAME>_DATABASE_URL_FILE`)."""
    for member in members:
        mine = told[member.name]
        keys = Path(mine[member.variable("KEYS_FILE")])
        ensure_keys(keys, member.keys)
        write_private(keys.with_name("database-url"), mine[member.variable("DATABASE_URL")])
        if member.has_vault:
            ensure_vault(Path(mine[member.variable("VAULT_FILE")]))

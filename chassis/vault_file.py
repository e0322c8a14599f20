"""The keys of a vault, changed while the processes live: a new one wraps and seals at once, an old
one stays to open what it closed until nothing needs it.

What uses a key is known by whoever keeps the rows; see `vault` on the command line of a service.
"""

import fcntl
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.keys import write_private

# By then every process has read the file again (`chassis.vault`) and its transactions are over.
SETTLED_AFTER = timedelta(seconds=60)


class VaultRefused(Exception):
    """Why the keys stay as they are."""


class VaultFile:
    """Acts on one vault file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def kids(self) -> list[str]:
        """The keys that wrap and seal, the current one last."""
        content = self._read()
        return [*(k for k in content["keys"] if k != content["current"]), content["current"]]

    @property
    def index_kids(self) -> list[str]:
        """The keys that make blinds, the current one last; the first one has no name."""
        content = self._read()
        now = content.get("index_current", "")
        return [*(k for k in content.get("index_keys", {"": ""}) if k != now), now]

    def rotate(self) -> str:
        """A new key wraps and seals from now on."""
        with self._changing() as content:
            kid = secrets.token_hex(3)
            content["keys"][kid] = secrets.token_hex(32)
            content.setdefault("retired", {})[content["current"]] = _now()
            content["current"] = kid
        return kid

    def rotate_index(self) -> str:
        """A new key makes blinds from now on; those of the old one are still found."""
        with self._changing() as content:
            kid = secrets.token_hex(3)
            index = content.setdefault("index_keys", {"": content.get("index_key")})
            content.setdefault("retired", {})[_index(content.get("index_current", ""))] = _now()
            index[kid] = secrets.token_hex(32)
            content["index_current"] = kid
        return kid

    def demand_droppable(self, kid: str, *, is_index: bool = False) -> None:
        """Refuse unless the key is known, retired, and every process has noticed."""
        content = self._read()
        known = content.get("index_keys", {}) if is_index else content["keys"]
        if kid not in known:
            raise VaultRefused(f"no key is called {kid!r}")
        if kid == content.get("index_current" if is_index else "current"):
            raise VaultRefused(f"{kid} is in use: rotate first")
        since = content.get("retired", {}).get(_index(kid) if is_index else kid)
        if since and datetime.fromisoformat(since) + SETTLED_AFTER > datetime.now(UTC):
            raise VaultRefused(f"{kid} retired less than {SETTLED_AFTER.seconds} s ago: wait")

    def drop(self, kid: str, *, is_index: bool = False) -> None:
        """Destroy a key: what it closed opens nowhere any more, backups included."""
        self.demand_droppable(kid, is_index=is_index)
        with self._changing() as content:
            content["index_keys" if is_index else "keys"].pop(kid)
            content.get("retired", {}).pop(_index(kid) if is_index else kid, None)
            if is_index and kid == "":
                content.pop("index_key")

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        return found

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            content = self._read()
            yield content
            write_private(self._path, json.dumps(content, indent=1))


def _index(kid: str) -> str:
    return f"index:{kid}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

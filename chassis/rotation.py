"""`keys list|rotate|drop`: change signing keys while the processes live.

A key is published a day before it signs, so that whoever keeps a copy of our public keys has it in
time; it stays published after it retired for as long as something that it signed may be good.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.keys import KeyFile, next_key, stamp, write_private

PUBLISHED_BEFORE = timedelta(hours=24)
_COPIES_LIVE = timedelta(minutes=5)  # how long our processes go by what they read of us


class RotationRefused(Exception):
    """Why the keys stay as they are."""


class Rotation:
    """Acts on one key file; `keep` is how long a retired key stays published (None: for ever)."""

    def __init__(self, path: Path, keep: timedelta | None) -> None:
        self._path = path
        self._keep = keep

    def lines(self) -> Iterator[str]:
        """One line for each key."""
        file = KeyFile(self._path, self._keep)
        for key in file.private:
            since = key.get("retired_at") or key.get("published_at") or ""
            word = "over" if file.is_over(key) else key["status"]
            yield f"{key['kid']}  {word}  {since}".rstrip()

    def rotate(self, *, now: bool) -> str:
        """Let the next key sign and publish the one after it; without a next one, publish it.

        `now` does not wait for the day: for a key that somebody else may hold. The one that signs
        from then on is known to everybody who read our keys since it was published.
        """
        with self._changing() as keys:
            upcoming = _one(keys, "next")
            if upcoming is None:
                upcoming = _publish(keys)
                if not now:
                    return f"{upcoming['kid']} is published; rotate again {_from(upcoming)}."
            if not now and _ready_at(upcoming) > datetime.now(UTC):
                raise RotationRefused(
                    f"{upcoming['kid']} may sign {_from(upcoming)}: until then somebody may not"
                    " have heard of it. If the current key is in wrong hands, add --now."
                )
            retired = _one(keys, "current")
            assert retired is not None  # noqa: S101  no file is read without one
            retired |= {"status": "previous", "retired_at": stamp()}
            upcoming["status"] = "current"
            after = _publish(keys)
        return (
            f"{upcoming['kid']} signs; {retired['kid']} stays published {self._until()};"
            f" {after['kid']} comes next.{_warning(upcoming)}"
        )

    def drop(self, kid: str | None, *, now: bool) -> str:
        """Remove retired keys whose time is over, or the one that is named."""
        if self._keep is None:
            raise RotationRefused("What these keys signed is good for ever, and so are they.")
        file = KeyFile(self._path, self._keep)
        with self._changing() as keys:
            gone = [
                key
                for key in keys
                if key["status"] == "previous"
                and kid in (None, key["kid"])
                and (file.is_over(key) or (now and kid is not None))
            ]
            if kid is not None and not gone:
                raise RotationRefused(
                    f"{kid} is not a retired key whose time is over; with --now it goes at once,"
                    " and with it whatever it signed."
                )
            keys[:] = [key for key in keys if key not in gone]
        return f"Dropped: {', '.join(key['kid'] for key in gone) or 'none'}."

    def _until(self) -> str:
        return "for ever" if self._keep is None else f"for {self._keep}"

    @contextmanager
    def _changing(self) -> Iterator[list[dict[str, Any]]]:
        # two operators at once come one after the other; the servers read whole files only
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            content = json.loads(self._path.read_text(encoding="utf-8"))
            content.setdefault("secret", KeyFile(self._path).secret)
            yield content["keys"]
            write_private(self._path, json.dumps(content, indent=1))


def _one(keys: list[dict[str, Any]], status: str) -> dict[str, Any] | None:
    return next((key for key in keys if key["status"] == status), None)


def _publish(keys: list[dict[str, Any]]) -> dict[str, Any]:
    key = next_key(keys[-1]["kid"].partition("-")[0])
    keys.append(key)
    return key


def _ready_at(key: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(key["published_at"]) + PUBLISHED_BEFORE


def _from(key: dict[str, Any]) -> str:
    return f"from {_ready_at(key):%Y-%m-%d %H:%M} UTC on"


def _warning(key: dict[str, Any]) -> str:
    known_since = datetime.fromisoformat(key["published_at"])
    if datetime.now(UTC) - known_since > _COPIES_LIVE:
        return ""
    return (
        f" It was published less than {_COPIES_LIVE.seconds // 60} minutes ago: whoever has not"
        " read our keys since then asks for it when they meet it."
    )

"""Personal fields of a filing's payload: sealed at rest, whole for filers, masked for others."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from chassis.vault import Vault

_SEALED = ("nin", "phone", "birth_date")


def _places(payload: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for member in payload.get("members") or []:
        for name in _SEALED:
            if member.get(name):
                yield member, name


def _copied(payload: dict[str, Any]) -> dict[str, Any]:
    members = payload.get("members")
    return {**payload, "members": [dict(m) for m in members]} if members else dict(payload)


def _changed(payload: dict[str, Any], change: Callable[[str, str], str]) -> dict[str, Any]:
    copy = _copied(payload)
    for member, name in _places(copy):
        member[name] = change(str(member[name]), f"{member['id']}/{name}")
    return copy


def seal(payload: dict[str, Any], filing_id: UUID, vault: Vault) -> dict[str, Any]:
    """The payload as it is stored."""
    return _changed(payload, lambda value, at: vault.seal(value, f"filing/{filing_id}/{at}"))


def reveal(payload: dict[str, Any], filing_id: UUID, vault: Vault) -> dict[str, Any]:
    """The payload as it was sent, for those who sent it and for the rules."""
    return _changed(payload, lambda value, at: vault.open(value, f"filing/{filing_id}/{at}"))


def mask(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload for everybody else: a sealed field says only that it is there."""
    copy = _copied(payload)
    for member, name in _places(copy):
        member[name] = {"is_masked": True}
    return copy

"""Personal fields of a filing's payload: sealed at rest, whole for filers, masked for agents,
blank in answers that are kept."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from chassis.vault import Vault

_SEALED = ("nin", "phone", "birth_date")
_PERSONAL = (*_SEALED, "birth_year", "family_name", "given_names")
_MASKED = {"is_masked": True}
Payload = dict[str, Any]


def _changed(
    payload: Payload, names: Iterable[str], change: Callable[[str, str], object]
) -> Payload:
    members = [dict(member) for member in payload.get("members") or []]
    for member in members:
        for name in names:
            if member.get(name):
                member[name] = change(str(member[name]), f"{member['id']}/{name}")
    return {**payload, "members": members} if members else dict(payload)


def seal(payload: Payload, filing_id: UUID, vault: Vault) -> Payload:
    """The payload as it is stored."""
    return _changed(payload, _SEALED, lambda it, at: vault.seal(it, f"filing/{filing_id}/{at}"))


def reveal(payload: Payload, filing_id: UUID, vault: Vault) -> Payload:
    """The payload as it was sent, for those who sent it and for the rules."""
    return _changed(payload, _SEALED, lambda it, at: vault.open(it, f"filing/{filing_id}/{at}"))


def mask(payload: Payload) -> Payload:
    """The payload for agents: a sealed field says only that it is there."""
    return _changed(payload, _SEALED, lambda _, __: _MASKED)


def blank(payload: Payload) -> Payload:
    """The payload in an answer that is kept for replays: nobody can be recognised."""
    return _changed(payload, _PERSONAL, lambda _, __: _MASKED)

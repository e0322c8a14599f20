"""What stands between a caller and a filing about a cooperative: a pure function."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from chassis.errors import Finding
from services.registry.cooperatives.states import CLOSED, Life
from services.registry.fields import FilingType
from services.registry.formality import Formality

_IN_LIQUIDATION = "AUSCOOP art. 183"


@dataclass(frozen=True)
class Situation:
    """The caller before the cooperative: their scopes, those with which it is theirs to file about,
    its life, and the files that are open (by type), as far as they may know of them."""

    scopes: Collection[str]
    within_reach: Collection[str]
    life: Life
    open_files: Mapping[FilingType, UUID]


def blockers(type: FilingType, formality: Formality, now: Situation) -> Iterator[Finding]:
    """Everything that a draft of this type would be refused for, and what is worth knowing before
    one begins it (WARN): in the order of the checks."""
    if formality.scope not in now.scopes:
        told = {"required_scopes": formality.scope}
        yield Finding(code="INSUFFICIENT_SCOPE", params=told)
    if formality.begins:
        yield Finding(code="COOPERATIVE_NOT_EXPECTED")
        return
    if formality.scope not in now.within_reach:
        yield Finding(code="COOPERATIVE_NOT_WITHIN_REACH")
    yield from _of_life(formality, now.life)
    if type in now.open_files:
        told = {"filing_id": str(now.open_files[type])}
        yield Finding(code="FILING_OPEN_ALREADY", severity="WARN", params=told)


def _of_life(formality: Formality, life: Life) -> Iterator[Finding]:
    if formality.is_open_to(life):
        return
    if life in CLOSED:
        yield Finding(code="RECORD_CLOSED", params={"life": life.value})
    else:
        basis = _IN_LIQUIDATION if life == Life.IN_LIQUIDATION else None
        yield Finding(code="LIFE_FORBIDS", params={"life": life.value}, law_ref=basis)

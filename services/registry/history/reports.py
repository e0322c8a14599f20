"""The history of a record, told: which filing changed which field from what to what."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.registry.fields import FilingType
from services.registry.history.models import Effect
from services.registry.history.repository import happening
from services.registry.history.rules import state_on
from services.registry.history.schemas import ChangeRead, RevisionRead
from services.registry.public_view import public_view


def revision(effect: Effect, arrival_number: str, every: Sequence[Effect]) -> RevisionRead:
    """One approved filing, with what it corrects and what corrects it."""
    wrong = next((one.filing_id for one in every if one.revision == effect.corrects), None)
    return RevisionRead(
        revision=effect.revision,
        filing_id=effect.filing_id,
        type=FilingType(effect.formality),
        arrival_number=arrival_number,
        effective_on=effect.effective_on,
        recorded_at=effect.recorded_at,
        corrects=wrong,
        corrected_by=[one.filing_id for one in every if one.corrects == effect.revision],
    )


def changes(
    id: UUID, effects: Sequence[Effect], names: Mapping[str, Mapping[str, str]], *, since: int = 0
) -> Iterator[ChangeRead]:
    """What each filing from revision `since` on made different on the day on which it takes
    effect, as known then. Each costs a fold: whoever shows a page takes no more than it."""
    known = [happening(effect) for effect in effects]
    for n, effect in enumerate(effects):
        if effect.revision < since:
            continue
        before = public_view(id, state_on(known[:n], effect.effective_on), names)
        after = public_view(id, state_on(known[: n + 1], effect.effective_on), names)
        yield from _different(effect, before, after)


def _different(
    effect: Effect, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[ChangeRead]:
    # a record that begins has no old value, not even a count of nobody
    old = before if effect.revision > 1 else {}
    for field in sorted(after):
        if field != "id" and old.get(field) != after[field]:
            yield ChangeRead(
                revision=effect.revision,
                filing_id=effect.filing_id,
                type=FilingType(effect.formality),
                effective_on=effect.effective_on,
                recorded_at=effect.recorded_at,
                field=field,
                old=old.get(field),
                new=after[field],
            )

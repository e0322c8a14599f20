"""The history of a record, told: which filing changed which field from what to what."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.registry.fields import FilingType
from services.registry.history.models import Effect
from services.registry.history.repository import happening
from services.registry.history.rules import Happening, State, without_and_with
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
    id: UUID, effects: Sequence[Effect], names: Mapping[str, Mapping[str, str]], *, first: int = 0
) -> Iterator[ChangeRead]:
    """What each filing from revision `first` on made different, as known then, from each day on
    which that is something else. Each costs two folds: whoever shows a page takes no more than
    it."""
    known = [happening(effect) for effect in effects]
    for n, effect in enumerate(effects):
        if effect.revision >= first:
            found = _changed_by(effect, known[: n + 1], lambda now: public_view(id, now, names))
            yield from sorted(found, key=lambda one: (one.field, one.since))


def _changed_by(
    effect: Effect, known: Sequence[Happening], view: Callable[[State], Mapping[str, Any]]
) -> Iterator[ChangeRead]:
    last = dict[str, Any]()
    for day, before, after in without_and_with(known):
        if before == after and not last:
            continue
        old, new = view(before), view(after)
        # a record that begins has no old value, not even a count of nobody
        here = _different(old if effect.revision > 1 else {}, new)
        # what it made different until now holds again as it was: who reads on must learn it
        again = {field: (new[field], new[field]) for field in last.keys() - here.keys()}
        for field, pair in {**here, **again}.items():
            if last.get(field) != pair:
                yield _told(effect, day, field, *pair)
        last = here


def _different(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        field: (old.get(field), value)
        for field, value in new.items()
        if field != "id" and old.get(field) != value
    }


def _told(effect: Effect, since: date, field: str, old: Any, new: Any) -> ChangeRead:
    return ChangeRead(
        revision=effect.revision,
        filing_id=effect.filing_id,
        type=FilingType(effect.formality),
        effective_on=effect.effective_on,
        since=since,
        recorded_at=effect.recorded_at,
        field=field,
        old=old,
        new=new,
    )

"""What alerts and obligations look at: the record on a day, and what was filed until then.

Pure functions over what is on record. What is not there is None, and is never guessed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.registry.cooperatives.states import Life
from services.registry.fields import Organ
from services.registry.history.rules import Happening, Part, State, timelines

DAY = timedelta(days=1)
_SHOWN = ("year_end_on", "assembly_on", "auditor")


@dataclass(frozen=True)
class Standing:
    """A cooperative on one day. `sent_on`: when it last filed something."""

    today: date
    state: State
    happenings: tuple[Happening, ...] = ()
    sent_on: date | None = None

    @property
    def lives(self) -> bool:
        """Whether anything is expected of it."""
        return self.state.fields.get("life") == Life.REGISTERED


def day(text: str | None) -> date | None:
    """A day as the record keeps it."""
    return date.fromisoformat(text) if text else None


def members_count(state: State) -> int | None:
    """How many members: those named, or what a list said of more; None where nobody said, or where
    a list left open of how many those who are named are some."""
    affiliates = state.fields.get("affiliates")
    if affiliates is not None:
        return len(affiliates)
    said, named = state.fields.get("stated_counts"), len(state.members)
    if said is None:
        return named or None
    return None if said["members"] is None else max(named, said["members"])


def returns_of(state: State) -> list[Mapping[str, Any]]:
    """The annual returns on record, by the end of their years."""
    return sorted(by_year(state).values(), key=lambda one: str(one["year_end_on"]))


def by_year(state: State) -> dict[str, Mapping[str, Any]]:
    """The annual returns on record, by their years; earlier effects had a field for each."""
    old = {k.removeprefix("return/"): v for k, v in state.fields.items() if k.startswith("return/")}
    every = {**old, **(state.fields.get("returns") or {})}
    return {year: one for year, one in every.items() if one}


def last_return(state: State) -> Mapping[str, Any] | None:
    """What the public sees of the last year returned, whatever the order of the filings; where
    only earlier effects speak of returns, what they said it was."""
    if state.fields.get("returns") is None:
        shown: Mapping[str, Any] | None = state.fields.get("last_return")
        return shown
    every = returns_of(state)
    return {name: every[-1][name] for name in _SHOWN} if every else None


def figure(one: Mapping[str, Any], name: str) -> int | None:
    """A figure of the accounts of a year, if it is stated."""
    value = (one.get("accounts") or {}).get(name)
    return value if isinstance(value, int) else None


def last_year_end(state: State) -> date | None:
    """The end of the last year of which a return is on record."""
    return day((last_return(state) or {}).get("year_end_on"))


def rsc_since(state: State) -> date | None:
    """The day of the registration in the RSC, if it is proven."""
    return day((state.fields.get("rsc") or {}).get("issued_on"))


def administration_of(state: State) -> Mapping[str, Any] | None:
    """The provisional administration that a court ordered and did not end."""
    ordered: Mapping[str, Any] | None = state.fields.get("provisional_administration")
    return ordered


def form_since(standing: Standing) -> date:
    """The first day of its present legal form."""
    line = timelines(standing.happenings).get((Part.FIELD, "legal_form"), [])
    return max((since for since, _, _ in line if since <= standing.today), default=date.min)


def empty_since(standing: Standing, organ: Organ) -> date | None:
    """The first of the days on which nobody holds a mandate in an organ; None while somebody does.
    `KeyError` when nobody is on record as ever having held one."""
    spells = list(_spells(standing, organ))
    if not spells:
        raise KeyError(organ)
    if any(begun <= standing.today <= ended for begun, ended in spells):
        return None
    return max(ended for _, ended in spells) + DAY


def _spells(standing: Standing, organ: Organ) -> Iterator[tuple[date, date]]:
    for (part, _), line in timelines(standing.happenings).items():
        if part != Part.MANDATE:
            continue
        untils = [*(since - DAY for since, _, _ in line[1:]), date.max]
        for (since, _, held), until in zip(line, untils, strict=True):
            if held is None or held["organ"] != organ:
                continue
            begun = max(since, date.fromisoformat(held["from_on"]))
            ended = min(until, day(held["to_on"]) or date.max)
            if begun <= min(ended, standing.today):
                yield begun, ended

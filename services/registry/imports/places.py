"""Places by the names that people write: accents, hyphens and case do not count."""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from services.registry.code_lists.models import Division
from services.registry.names import fold

COUNTRY = "SN"
_MOST_SUGGESTIONS = 500  # each takes milliseconds: a file of nonsense must not take hours


class Places:
    """The reference table of divisions, ready to be asked by name or code."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._suggested = 0
        self._by_code: dict[str, Division] = {}
        self._by_name: dict[tuple[str, str], list[Division]] = defaultdict(list)
        for one in divisions:
            self._by_code[one.code] = one
            self._by_name[one.level, fold(one.name)].append(one)

    def named(self, level: str, text: str, within: str | None = None) -> list[Division]:
        """The places of a level that are called so, or have this code, within another place."""
        coded = self._by_code.get(text.strip().upper())
        if coded is not None and coded.level == level:
            found = [coded]
        else:
            found = self._by_name.get((level, fold(text)), [])
        return [one for one in found if within is None or within in one.path]

    def near(self, level: str, text: str, within: str | None = None) -> list[str]:
        """Up to three places with a name like this one, as `name (code)`."""
        self._suggested += 1
        if self._suggested > _MOST_SUGGESTIONS:
            return []
        inside = {
            name: places
            for (of, name), places in self._by_name.items()
            if of == level and any(within is None or within in one.path for one in places)
        }
        close = difflib.get_close_matches(fold(text), inside, n=3, cutoff=0.75)
        return [f"{one.name} ({one.code})" for name in close for one in inside[name]][:3]


def authority_of(path: Sequence[str]) -> str:
    """Whose register the record belongs to (AUSCOOP art. 70): the département's of the seat; the
    central one's for as long as nobody knows it."""
    return path[-3] if len(path) >= 3 else COUNTRY


def region_of(path: Sequence[str]) -> str:
    """The region that numbers the record; the country for as long as nobody knows it."""
    return path[-2] if len(path) >= 2 else COUNTRY

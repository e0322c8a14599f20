"""What the cells of a row say, in our words; nothing is invented, nothing is guessed silently.

What is absent stays absent and is told; what is there and cannot be read blocks the row, since an
import must not lose what somebody wrote.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chassis.errors import Finding
from chassis.sheets import Mark
from services.registry.imports.columns import CPS_STATUS_OF, FORM_OF, NUMBERS, tag_of
from services.registry.imports.columns import ImportField as F
from services.registry.imports.places import COUNTRY, Places
from services.registry.names import fold, has_hidden_characters

_ABSENT = {"", "n a", "nd", "neant", "null", "none", "non renseigne", "inconnu", "nan"}
_LONGEST = {F.NAME: 200, F.OBJECT: 500, F.COMMON_BOND: 500, F.ORIGIN: 500, F.PROOF: 500}
_USUAL = 120
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[ .\u00a0\u202f][0-9]{3})+|[0-9]+")
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ].*)?")
_FRENCH_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_PARTIAL = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?")
_MOST_MEMBERS = 10_000_000
_ORGANISATION = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass
class Entry:
    """A row, understood."""

    name: str = ""
    acronym: str | None = None
    legal_form: str = "AER"
    stated_form: str | None = None
    commune_code: str | None = None
    path: list[str] = field(default_factory=lambda: [COUNTRY])
    object: str | None = None
    common_bond: str | None = None
    sector_codes: list[str] = field(default_factory=list)
    cps_tags: list[str] = field(default_factory=list)
    cps_status: str | None = None
    cps_recognition: dict[str, str] = field(default_factory=dict)  # as it was stated
    members_count: int | None = None
    women_count: int | None = None
    men_count: int | None = None
    founded_on: str | None = None  # a day, a month or a year, as it was said
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    origin: str | None = None


def stated(said: Mapping[str, str], at: F) -> str | None:
    """What a row says in a column, unless that says nothing."""
    text = said.get(at)
    return None if text is None or fold(text) in _ABSENT else text


def blocked(code: str, at: F, **params: Any) -> Finding:
    """Something that keeps the row out."""
    return Finding(code=code, pointer=f"/{at.value}", params=params)


def doubtful(code: str, at: F, **params: Any) -> Finding:
    """Something that is told and kept."""
    return Finding(code=code, pointer=f"/{at.value}", severity="WARN", params=params)


class Understanding:
    """Reads one row after another with the same reference tables."""

    def __init__(self, places: Places, sectors: Mapping[str, str], today: date) -> None:
        self._places = places
        self._sectors = sectors
        self._today = today
        self.findings: list[Finding] = []

    def of(self, said: Mapping[F, str], marks: Mapping[F, Mark]) -> tuple[Entry, list[Finding]]:
        """The row as an entry, and everything found on the way."""
        self.findings = [*_marked(marks)]
        plain = {at: text for at, text in said.items() if self._is_usable(at, text)}
        entry = Entry(name=plain.get(F.NAME, ""), acronym=plain.get(F.ACRONYM))
        if F.NAME not in said:
            self.findings.append(blocked("FIELD_MISSING", F.NAME))
        self._form(entry, plain.get(F.LEGAL_FORM))
        self._place(entry, plain)
        self._texts(entry, plain)
        self._counts(entry, plain)
        entry.founded_on = self._day(F.FOUNDED_ON, plain.get(F.FOUNDED_ON))
        self._recognition(entry, plain)
        self._identifiers(entry, plain)
        if not _ORGANISATION.fullmatch(plain.get(F.ORGANISATION_ID, "-")):
            self.findings.append(blocked("FIELD_INVALID", F.ORGANISATION_ID, expected="org-…"))
        return entry, self.findings

    def _is_usable(self, at: F, text: str) -> bool:
        if has_hidden_characters(text):
            self.findings.append(blocked("TEXT_HIDDEN_CHARACTERS", at))
        elif len(text) > _LONGEST.get(at, _USUAL):
            self.findings.append(blocked("TEXT_TOO_LONG", at, max=_LONGEST.get(at, _USUAL)))
        elif text[0] in "=+@" or (text[0] == "-" and at is F.NAME):
            self.findings.append(blocked("TEXT_IS_FORMULA", at))
        elif fold(text) in _ABSENT:
            self.findings.append(doubtful("TEXT_SAYS_NOTHING", at))
        else:
            return True
        return False

    def _missing(self, at: F) -> None:
        self.findings.append(doubtful("FIELD_NOT_STATED", at))

    def _form(self, entry: Entry, text: str | None) -> None:
        entry.stated_form = text
        if text is None:
            self._missing(F.LEGAL_FORM)
        elif (form := FORM_OF.get(fold(text))) is not None:
            entry.legal_form = form
        else:
            self.findings.append(doubtful("LEGAL_FORM_NOT_OURS", F.LEGAL_FORM))

    def _place(self, entry: Entry, said: Mapping[F, str]) -> None:
        if (country := said.get(F.COUNTRY)) and fold(country) not in ("sn", "senegal"):
            self.findings.append(blocked("COUNTRY_NOT_OURS", F.COUNTRY))
        within: str | None = None
        for at, level in ((F.REGION, "region"), (F.DEPARTMENT, "departement"),
                          (F.COMMUNE, "commune")):  # fmt: skip
            text = said.get(at)
            if text is not None and not self._one_place(entry, at, level, text, within):
                return
            within = entry.path[0] if entry.path != [COUNTRY] else None
        if F.COMMUNE not in said:
            self._missing(F.COMMUNE)

    def _one_place(self, entry: Entry, at: F, level: str, text: str, within: str | None) -> bool:
        found = self._places.named(level, text, within)
        if len(found) == 1:
            entry.path = list(found[0].path)
            entry.commune_code = found[0].code if level == "commune" else None
            return True
        if found:
            choices = ", ".join(one.code for one in found[:5])
            self.findings.append(blocked("PLACE_AMBIGUOUS", at, choices=choices))
        else:
            near = self._places.near(level, text, within)
            code = "COMMUNE_UNKNOWN" if level == "commune" else "PLACE_UNKNOWN"
            self.findings.append(blocked(code, at, suggestions=", ".join(near) or "–"))
        return False

    def _texts(self, entry: Entry, said: Mapping[F, str]) -> None:
        entry.object, entry.common_bond = said.get(F.OBJECT), said.get(F.COMMON_BOND)
        entry.origin = said.get(F.ORIGIN)
        if entry.object is None:
            self._missing(F.OBJECT)
        entry.sector_codes = self._codes(F.SECTORS, said, self._sector, "ACTIVITY_UNKNOWN")
        entry.cps_tags = self._codes(F.CPS_TAGS, said, tag_of, "TAG_UNKNOWN")
        if F.SECTORS not in said:
            self._missing(F.SECTORS)

    def _sector(self, word: str) -> str | None:
        return word if word in self._sectors else self._sectors.get(fold(word))

    def _codes(
        self, at: F, said: Mapping[F, str], find: Callable[[str], str | None], unknown: str
    ) -> list[str]:
        words = [word.strip() for word in re.split(r"[;,/|+]", said.get(at, "")) if word.strip()]
        found = [find(word) for word in words]
        if None in found:
            self.findings.append(blocked(unknown, at))
        return list(dict.fromkeys(code for code in found if code is not None))[:20]

    def _counts(self, entry: Entry, said: Mapping[F, str]) -> None:
        entry.members_count = self._count(F.MEMBERS_COUNT, said)
        entry.women_count = self._count(F.WOMEN_COUNT, said)
        entry.men_count = self._count(F.MEN_COUNT, said)
        parts = (entry.women_count or 0) + (entry.men_count or 0)
        if entry.members_count is not None and parts > entry.members_count:
            self.findings.append(blocked("COUNT_EXCEEDS_TOTAL", F.MEMBERS_COUNT))
        for at in (F.MEMBERS_COUNT, F.WOMEN_COUNT):
            if at not in said:
                self._missing(at)

    def _count(self, at: F, said: Mapping[F, str]) -> int | None:
        text = said.get(at)
        if text is None:
            return None
        found = _THOUSANDS.fullmatch(text)
        number = int(re.sub(r"\D", "", found[0])[:12]) if found else -1
        if not 0 <= number <= _MOST_MEMBERS:
            self.findings.append(blocked("FIELD_INVALID", at, expected=f"0–{_MOST_MEMBERS}"))
            return None
        return number

    def _day(self, at: F, text: str | None, *, is_whole: bool = False) -> str | None:
        if text is None:
            return None
        if (partial := _PARTIAL.fullmatch(text)) and not is_whole:
            self.findings.append(doubtful("DATE_PARTIAL", at))
            return self._past(at, f"{partial[1]}-{partial[2] or '01'}-01") and text
        if found := _DAY.fullmatch(text):
            return self._past(at, "-".join(found.groups()))
        if found := _FRENCH_DAY.fullmatch(text):
            return self._past(at, "-".join(reversed(found.groups())))
        self.findings.append(blocked("FIELD_INVALID", at, expected="2024-03-21, 21/03/2024"))
        return None

    def _past(self, at: F, text: str) -> str | None:
        year, month, day = map(int, text.split("-"))
        try:
            found = date(year, month, day)
        except ValueError:
            self.findings.append(blocked("FIELD_INVALID", at, expected="2024-03-21, 21/03/2024"))
            return None
        if found > self._today:
            self.findings.append(blocked("DATE_IN_FUTURE", at))
        elif found.year < 1900:
            span = {"earliest": "1900-01-01", "latest": self._today.isoformat()}
            self.findings.append(blocked("DATE_OUT_OF_RANGE", at, **span))
        return found.isoformat()

    def _recognition(self, entry: Entry, said: Mapping[F, str]) -> None:
        """The place in the programme, where the list says it: a date or a number alone says when
        something was recognised, and not where it stands now."""
        text, day = (
            said.get(F.CPS_STATUS),
            self._day(F.CPS_RECOGNISED_ON, said.get(F.CPS_RECOGNISED_ON)),
        )
        stated = {"decided_on": day, "reference": said.get(F.CPS_REFERENCE)}
        entry.cps_recognition = {name: it for name, it in stated.items() if it}
        entry.cps_status = CPS_STATUS_OF.get(fold(text)) if text else None
        if text and entry.cps_status is None:
            self.findings.append(blocked("CPS_STATUS_UNKNOWN", F.CPS_STATUS))
        elif entry.cps_recognition and entry.cps_status in (None, "OUTSIDE", "CANDIDATE"):
            self.findings.append(doubtful("CPS_STATUS_NOT_CONCLUDED", F.CPS_STATUS))
        elif entry.cps_status == "RECOGNISED" and not day:
            self._missing(F.CPS_RECOGNISED_ON)

    def _identifiers(self, entry: Entry, said: Mapping[F, str]) -> None:
        for scheme, number, day, authority in NUMBERS:
            if (text := said.get(number)) is not None:
                issued = self._day(day, said.get(day), is_whole=True) if day else None
                given = said.get(authority) if authority else None
                entry.identifiers.append(
                    {"scheme": scheme, "number": text, "authority": given, "issued_on": issued,
                     "proof": said.get(F.PROOF)}
                )  # fmt: skip


def _marked(marks: Mapping[F, Mark]) -> Iterator[Finding]:
    for at, mark in marks.items():
        code = "CELL_IS_FORMULA" if mark is Mark.FORMULA else "CELL_WITHOUT_VALUE"
        yield doubtful(code, at)

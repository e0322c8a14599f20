"""What is due, when, and by which filing: pure functions of the record on a day."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from chassis.clock import months_after
from services.registry.fields import FilingType, LegalForm, Organ
from services.registry.law.rules import Law, Norm
from services.registry.limits import months_after_year_end
from services.registry.obligations.states import ObligationKind, ObligationStatus
from services.registry.standing import (
    Standing,
    day,
    figure,
    last_year_end,
    members_count,
    returns_of,
    rsc_since,
)

K, S = ObligationKind, ObligationStatus
# No text was found that says until when a return is filed: a proposal, under which nobody is late.
PROPOSED_RETURN = timedelta(days=30)
_MOST_YEARS = 10  # somebody who owes more knows enough


@dataclass(frozen=True)
class Obligation:
    """One thing that is owed. `subject` tells those of a kind apart; what follows from accounts or
    drafts is not public."""

    kind: ObligationKind
    subject: str
    status: ObligationStatus
    due_on: date | None
    filing_type: FilingType
    norm: Norm | None
    is_public: bool = True
    is_proposal: bool = False
    filing_id: UUID | None = None


@dataclass(frozen=True)
class Draft:
    """A change that was decided and not yet declared."""

    id: UUID
    type: FilingType
    decided_on: date


def obligations(s: Standing, law: Law, drafts: Sequence[Draft] = ()) -> list[Obligation]:
    """Everything owed on a day, the nearest first; nothing of a record that ends or has ended."""
    if not s.lives:
        return []
    found = [
        *_assemblies(s, law),
        *_mandates(s, law),
        *_declarations(s, law, drafts),
        *_capital(s, law),
        *_supervision(s, law),
    ]
    return sorted(found, key=lambda one: (one.due_on or date.max, one.kind, one.subject))


def _at(due: date, today: date) -> ObligationStatus:
    return S.OVERDUE if today > due else S.OPEN


def _assemblies(s: Standing, law: Law) -> Iterator[Obligation]:
    """Art. 110: the assembly approves the accounts within six months of the year's end; the return
    that shows it follows (a proposal)."""
    norm, last = law.norm("ALERT_ASSEMBLY_MISSING"), last_year_end(s.state)
    if norm is None:
        return
    if last is None:
        yield Obligation(K.ANNUAL_ASSEMBLY, "", S.NOT_STATED, None, FilingType.ANNUAL_RETURN, norm)
        return
    yield _assembly(s, norm, last, is_shown=True)
    for years in range(1, _MOST_YEARS + 1):
        ended = months_after_year_end(last, 12 * years)
        yield _assembly(s, norm, ended)
        yield _return(norm, ended)
        if ended >= s.today:
            return


def _assembly(s: Standing, norm: Norm, ended: date, *, is_shown: bool = False) -> Obligation:
    due = months_after_year_end(ended, norm.numbers[0])
    status = S.FULFILLED if is_shown else _at(due, s.today)
    year = ended.isoformat()
    return Obligation(K.ANNUAL_ASSEMBLY, year, status, due, FilingType.ANNUAL_RETURN, norm)


def _return(norm: Norm, ended: date) -> Obligation:
    due = months_after_year_end(ended, norm.numbers[0]) + PROPOSED_RETURN
    return Obligation(
        K.ANNUAL_RETURN, ended.isoformat(), S.OPEN, due, FilingType.ANNUAL_RETURN, None,
        is_proposal=True,
    )  # fmt: skip


def _mandates(s: Standing, law: Law) -> Iterator[Obligation]:
    """Art. 18: mandates end when the statutes say; who follows is declared."""
    norm = law.norm("ALERT_MANDATE_EXPIRED")
    ends: dict[tuple[str, date | None], int] = defaultdict(int)
    for one in s.state.mandates.values():
        ends[one["organ"], day(one["to_on"])] += 1
    for organ, end in sorted(ends, key=lambda key: (key[0], key[1] or date.max)):
        status = S.NOT_STATED if end is None else _at(end, s.today)
        yield Obligation(K.MANDATES_END, organ, status, end, FilingType.CHANGE_OF_OFFICERS, norm)


def _declarations(s: Standing, law: Law, drafts: Sequence[Draft]) -> Iterator[Obligation]:
    """A change is declared within thirty days of its decision: drafts that nobody submitted."""
    norm = law.norm("LATE_MODIFICATION")
    for one in drafts if norm else ():
        due = one.decided_on + timedelta(days=norm.numbers[0]) if norm else one.decided_on
        yield Obligation(
            K.CHANGE_DECLARATION, str(one.id), _at(due, s.today), due, one.type, norm,
            is_public=False, filing_id=one.id,
        )  # fmt: skip


def _capital(s: Standing, law: Law) -> Iterator[Obligation]:
    """Art. 270: the capital of a COOP-CA is paid up within three years of its registration."""
    norm, begun = law.norm("ALERT_CAPITAL_UNPAID"), rsc_since(s.state)
    if norm is None:
        return
    due, returns = months_after(begun, 12 * norm.numbers[0]) if begun else None, returns_of(s.state)
    paid = figure(returns[-1], "paid_up_capital_xof") if returns else None
    capital: Any = s.state.fields.get("capital_xof")
    status = S.NOT_STATED
    if paid is not None and capital is not None and paid >= capital:
        status = S.FULFILLED
    elif due is not None and (paid is not None or s.today <= due):
        status = _at(due, s.today)
    yield Obligation(K.CAPITAL, "", status, due, FilingType.ANNUAL_RETURN, norm, is_public=False)


def _supervision(s: Standing, law: Law) -> Iterator[Obligation]:
    """Art. 257: a commission of supervision as soon as the number of members allows it."""
    norm, count = law.norm("SUPERVISION_MISSING"), members_count(s.state)
    if norm is None or s.state.fields.get("legal_form") != LegalForm.SCOOPS:
        return
    seats = s.state.mandates.values()
    managers = {one["member_id"] for one in seats if one["organ"] == Organ.MANAGING}
    if any(one["organ"] == Organ.SUPERVISORY for one in seats):
        status = S.FULFILLED
    elif count is None or not managers:
        status = S.NOT_STATED
    elif count - len(managers) >= norm.numbers[0]:
        status = S.OPEN
    else:
        return
    yield Obligation(K.SUPERVISION, "", status, None, FilingType.CHANGE_OF_OFFICERS, norm)

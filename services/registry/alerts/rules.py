"""The ten computed alerts: pure functions of the record on a day; thresholds are in law/rules.csv.

An alert is a sign for people to look, and changes nothing. What it would rest on and is not on
record makes it NOT_STATED, never raised and never clear.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from chassis.clock import months_after
from services.registry.alerts.states import (
    CLEAR,
    NOT_APPLICABLE,
    NOT_STATED,
    Activity,
    AlertCode,
    AlertStatus,
    Told,
    stands,
)
from services.registry.fields import Organ
from services.registry.history.rules import states
from services.registry.law.rules import Law, Norm
from services.registry.limits import months_after_year_end
from services.registry.standing import (
    DAY,
    Standing,
    day,
    empty_since,
    figure,
    form_since,
    last_year_end,
    members_count,
    returns_of,
    rsc_since,
)


@dataclass(frozen=True)
class Reading:
    """One alert on one day, with the rule behind it (none: it does not hold for this form)."""

    code: AlertCode
    reason: str
    told: Told
    norm: Norm | None
    is_public: bool


Alert = Callable[[Standing, Norm, Law], Told]


def _passed(limit: date, standing: Standing, **params: Any) -> Told:
    late = limit + DAY
    return stands(late, **params) if standing.today >= late else CLEAR


def organ_is_empty(s: Standing, norm: Norm, law: Law) -> Told:
    """A1, AUSCOOP art. 178-179: three months without a managing body, or without a supervisory one
    where the law asks for it."""
    found: list[Told] = []
    for organ in (Organ.MANAGING, Organ.SUPERVISORY):
        if organ == Organ.SUPERVISORY and (is_needed := _needs_supervision(s, law)) is not True:
            found += [NOT_STATED] if is_needed is None else []
            continue
        try:
            since = _missed_since(s, organ)
        except KeyError:
            found.append(NOT_STATED)
            continue
        limit = months_after(since, norm.numbers[0]) if since else None
        found.append(_passed(limit - DAY, s, organ=organ.value) if limit else CLEAR)
    return next((one for one in found if one.status == AlertStatus.RAISED), None) or (
        NOT_STATED if NOT_STATED in found else CLEAR
    )


def _missed_since(s: Standing, organ: Organ) -> date | None:
    # a form of which the law asks no supervision lets its supervisors leave
    since = empty_since(s, organ)
    return max(since, form_since(s)) if since and organ == Organ.SUPERVISORY else since


def _needs_supervision(s: Standing, law: Law) -> bool | None:
    # art. 257, R14b: as soon as enough members do not manage; no confirmed text asks other forms
    asked = law.norm("SUPERVISION_MISSING")
    if asked is None:
        return False
    count, held = members_count(s.state), s.state.mandates.values()
    managers = {one["member_id"] for one in held if one["organ"] == Organ.MANAGING}
    return None if count is None else count - len(managers) >= asked.numbers[0]


def assembly_is_missing(s: Standing, norm: Norm, _: Law) -> Told:
    """A2, art. 110: no assembly shown six months after the end of a year."""
    return _unshown(s, norm.numbers[0], years=1)


def assemblies_are_missing(s: Standing, norm: Norm, _: Law) -> Told:
    """A3, art. 178-179: two consecutive years without annual assemblies."""
    return _unshown(s, norm.numbers[0], years=norm.numbers[1])


def _unshown(s: Standing, months: int, *, years: int) -> Told:
    # when years end is known from the first return on; before that nobody said it
    last = last_year_end(s.state)
    if last is None:
        return NOT_STATED
    ended = months_after_year_end(last, 12 * years)
    return _passed(months_after_year_end(ended, months), s, year_end_on=ended.isoformat())


def nothing_is_sent(s: Standing, norm: Norm, _: Law) -> Told:
    """A4, art. 178-179: a year without sending anything."""
    if s.sent_on is None:
        return NOT_STATED
    return _passed(months_after(s.sent_on, norm.numbers[0]), s, sent_on=s.sent_on.isoformat())


def is_inactive(s: Standing, norm: Norm, _: Law) -> Told:
    """A5, art. 178-179: no activity in two consecutive years, as its returns state it."""
    wanted, returns = norm.numbers[0], returns_of(s.state)[-norm.numbers[0] :]
    if not returns or figure(returns[-1], "turnover_xof") is None:
        return NOT_STATED
    last = date.fromisoformat(returns[-1]["year_end_on"])
    if figure(returns[-1], "turnover_xof"):
        return CLEAR if s.today <= months_after_year_end(last, 12 * wanted) else NOT_STATED
    turnovers = [figure(one, "turnover_xof") for one in returns]
    ends = [date.fromisoformat(one["year_end_on"]) for one in returns]
    if any(turnovers):
        return CLEAR
    are_consecutive = all(months_after_year_end(a, 12) == b for a, b in pairwise(ends))
    if len(returns) < wanted or None in turnovers or not are_consecutive:
        return NOT_STATED
    return stands(last, years=wanted)


def never_started(s: Standing, norm: Norm, _: Law) -> Told:
    """A6, art. 178-179: no operations within two years of registration."""
    begun = rsc_since(s.state) or day(s.state.fields.get("registered_on"))
    if begun is None:
        return NOT_STATED
    limit, returns = months_after(begun, 12 * norm.numbers[0]), returns_of(s.state)
    turnovers = [figure(one, "turnover_xof") for one in returns]
    if s.today <= limit or any(turnovers):
        return CLEAR
    is_told = bool(returns) and None not in turnovers
    if not is_told or date.fromisoformat(returns[-1]["year_end_on"]) < limit:
        return NOT_STATED
    return stands(limit + DAY, registered_on=begun.isoformat())


def members_are_too_few(s: Standing, _: Norm, law: Law) -> Told:
    """A7, art. 204, 267: fewer members than the form asks."""
    norm = law.norm("MEMBERS_BELOW_MINIMUM") or law.norm("APEX_MEMBERS_BELOW_MINIMUM")
    count = members_count(s.state)
    if norm is None:
        return NOT_APPLICABLE
    if count is None:
        return NOT_STATED
    if count >= norm.numbers[0]:
        return CLEAR
    since = s.today
    for begun, _happening, state in states(s.happenings):
        if begun > s.today:
            break
        # what nobody stated was not too little
        is_short = (then := members_count(state)) is not None and then < norm.numbers[0]
        since = min(since, begun) if is_short else s.today
    return stands(since, min=norm.numbers[0], actual=count)


def mandate_is_over(s: Standing, _: Norm, __: Law) -> Told:
    """A8, art. 18: a mandate on record has ended, and nobody was declared after it."""
    ends = [day(one["to_on"]) for one in s.state.mandates.values()]
    over = [end for end in ends if end is not None and end < s.today]
    if over:
        return stands(min(over) + DAY, count=len(over))
    return NOT_STATED if not ends or None in ends else CLEAR


def capital_is_unpaid(s: Standing, norm: Norm, _: Law) -> Told:
    """A9, art. 270: the capital of a COOP-CA is paid up within three years of its registration."""
    begun, capital = rsc_since(s.state), s.state.fields.get("capital_xof")
    if begun is None or capital is None:
        return NOT_STATED
    limit, returns = months_after(begun, 12 * norm.numbers[0]), returns_of(s.state)
    paid = figure(returns[-1], "paid_up_capital_xof") if returns else None
    if paid is not None and paid >= capital:
        return CLEAR
    late = _passed(limit, s, capital=capital, paid=paid)
    return late if paid is not None or late is CLEAR else NOT_STATED


def auditor_is_missing(s: Standing, norm: Norm, _: Law) -> Told:
    """A10, art. 121: above all three thresholds, members, turnover, balance sheet, and no
    auditor."""
    members, turnover, balance = norm.numbers
    count, returns = members_count(s.state), returns_of(s.state)
    if count is not None and count <= members:
        return CLEAR
    if count is None or not returns:
        return NOT_STATED
    pairs = [(figure(returns[-1], "turnover_xof"), turnover),
             (figure(returns[-1], "balance_sheet_xof"), balance)]  # fmt: skip
    if any(value is not None and value <= limit for value, limit in pairs):
        return CLEAR
    if any(value is None for value, _ in pairs):
        return NOT_STATED
    if (returns[-1].get("auditor") or "").strip():
        return CLEAR
    return stands(date.fromisoformat(returns[-1]["year_end_on"]), members=count)


# What follows from published facts alone is public, too (art. 70); what follows from the accounts
# of a year, or from files that nobody decided yet, is for the cooperative and the agents.
ALERTS: dict[AlertCode, tuple[str, Alert, bool]] = {
    AlertCode.A1: ("ALERT_ORGAN_EMPTY", organ_is_empty, True),
    AlertCode.A2: ("ALERT_ASSEMBLY_MISSING", assembly_is_missing, True),
    AlertCode.A3: ("ALERT_ASSEMBLIES_MISSING", assemblies_are_missing, True),
    AlertCode.A4: ("ALERT_NOTHING_FILED", nothing_is_sent, False),
    AlertCode.A5: ("ALERT_NO_ACTIVITY", is_inactive, False),
    AlertCode.A6: ("ALERT_NOT_STARTED", never_started, False),
    AlertCode.A7: ("ALERT_MEMBERS_BELOW_MINIMUM", members_are_too_few, True),
    AlertCode.A8: ("ALERT_MANDATE_EXPIRED", mandate_is_over, True),
    AlertCode.A9: ("ALERT_CAPITAL_UNPAID", capital_is_unpaid, False),
    AlertCode.A10: ("ALERT_AUDITOR_MISSING", auditor_is_missing, False),
}


def readings(standing: Standing, law: Law) -> list[Reading]:
    """The ten alerts on a day; none for a record of which nothing is expected any more."""
    if not standing.lives:
        return []
    found: list[Reading] = []
    for code, (reason, alert, is_public) in ALERTS.items():
        norm = law.norm(reason)
        told = alert(standing, norm, law) if norm else NOT_APPLICABLE
        found.append(Reading(code, reason, told, norm, is_public))
    return found


def raised(found: Sequence[Reading]) -> list[Reading]:
    """Those that stand."""
    return [one for one in found if one.told.status == AlertStatus.RAISED]


def activity(found: Sequence[Reading], law: Law) -> Activity | None:
    """The computed axis; None for a record of which nothing is expected any more."""
    if not found:
        return None
    standing, norm = {one.code.value for one in raised(found)}, law.norm("ACTIVITY_DORMANT")
    if norm is not None and standing & set(norm.words):
        return Activity.DORMANT
    return Activity.ALERT if standing else Activity.FUNCTIONAL

"""What is asked of an annual return: in time, and the surplus shared as the Act wants it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chassis.errors import Finding
from services.registry.acts import Case, Rule, entries
from services.registry.history.rules import Change, Part, State, states
from services.registry.law.rules import Facts, Law
from services.registry.limits import months_after_year_end
from services.registry.returns.schemas import Accounts, AnnualReturn
from services.registry.standing import by_year

_FIGURES = ("turnover_xof", "equity_xof", "balance_sheet_xof", "net_surplus_xof")
_LEGAL_RESERVES = ("general_reserve", "training_reserve")
_ALLOCATED = (
    "to_general_reserve_xof", "to_training_reserve_xof", "to_optional_reserve_xof",
    "share_interest_xof",
)  # fmt: skip
_AT = "/payload/accounts"
STATED = ("year_end_on", "assembly_on", "accounts", "workforce", "auditor")
_PARTS = ("accounts", "workforce")


def return_changes(said: AnnualReturn, _: Case) -> list[Change]:
    """The return of its year; the last one is what the public sees."""
    if said.year_end_on is None:
        return []
    whole = said.model_dump(mode="json", include=set(STATED))
    return entries("returns", **{str(said.year_end_on.year): whole})


def put_right(said: Any, state: State, wrong: Sequence[Change]) -> AnnualReturn | None:
    """The return that the wrong filing entered, with the right values in it."""
    year = _year_of(wrong)
    before = by_year(state).get(year) if year else None
    if before is None or said is None:
        return None
    # null empties; what is absent stays. Without its day it would be no year's return.
    new = said.model_dump(mode="json", exclude_unset=True)
    new = {name: it for name, it in new.items() if it is not None or name != "year_end_on"}
    parts = {name: {**(before[name] or {}), **new[name]} for name in _PARTS if new.get(name)}
    return AnnualReturn.model_validate_json(json.dumps({**before, **new, **parts}))


def _year_of(wrong: Sequence[Change]) -> str | None:
    named = (one.key.replace("/", ".") for one in wrong if one.value is not None)
    years = (key.removeprefix("returns.").removeprefix("return.") for key in named
             if key.startswith(("returns.", "return.")))  # fmt: skip
    return next(years, None)


def right_return_changes(said: Any, case: Case) -> list[Change]:
    """The right return in the place of the wrong one, which may have been of another year."""
    right = put_right(said, case.state, case.wrong)
    if right is None:
        return []
    whole = return_changes(right, case)
    kept = {one.key for one in whole}
    gone = [
        replace(one, value=None)
        for one in case.wrong
        if one.part == Part.FIELD
        and one.key.startswith(("returns.", "return/"))
        and one.key not in kept
    ]
    return [*gone, *whole]


def _was_moved(facts: Facts) -> bool:
    # a correction put it under another year: that one is to be corrected now
    year = _year_of(facts.wrong)
    gone = [Change(Part.FIELD, f"{name}{year}", None) for name in ("returns.", "return/")]
    later = (one for one in facts.happenings if one.corrects == facts.corrects)
    return any(change in gone for one in later for change in one.changes)


def right_return_is_lawful(said: Any, law: Law, facts: Facts) -> Iterator[Finding]:
    """A return that is put right is asked what a return is asked; of another year, that it has
    none yet."""
    right = put_right(said, facts.state, facts.wrong)
    if right is None or _was_moved(facts):
        if said is not None:
            yield Finding(code="CORRECTION_BEYOND_FILING", pointer="/payload")
        return
    is_moved = right.year_end_on is None or str(right.year_end_on.year) != _year_of(facts.wrong)
    for rule in RETURN if is_moved else OF_A_RETURN:
        yield from rule(right, law, facts)


def figures_are_stated(said: AnnualReturn, _: Law, __: Facts) -> Iterator[Finding]:
    """Art. 107: financial statements at each year's end."""
    if said.accounts is None:
        yield Finding(code="FIELD_MISSING", pointer=_AT)
        return
    for name in _FIGURES:
        if getattr(said.accounts, name) is None:
            yield Finding(code="FIELD_MISSING", pointer=f"{_AT}/{name}")


def year_has_ended(said: AnnualReturn, _: Law, facts: Facts) -> Iterator[Finding]:
    """The year is over, and its assembly came after it."""
    ended, met = said.year_end_on, said.assembly_on
    for name, on in (("year_end_on", ended), ("assembly_on", met)):
        if on is not None and on > facts.today:
            yield Finding(code="DATE_IN_FUTURE", pointer=f"/payload/{name}")
    if ended and met and met <= ended:
        yield Finding(code="ASSEMBLY_BEFORE_YEAR_END", pointer="/payload/assembly_on")


def year_has_no_return(said: AnnualReturn, _: Law, facts: Facts) -> Iterator[Finding]:
    """Its year has no return yet, on whatever day: another one would be a correction."""
    ended = said.year_end_on
    last = [state for _, _, state in states(facts.happenings)][-1:]
    if ended and any(str(ended.year) in by_year(state) for state in last):
        told = {"year": ended.year}
        yield Finding(code="RETURN_ALREADY_FILED", pointer="/payload/year_end_on", params=told)


def assembly_met_in_time(said: AnnualReturn, law: Law, _: Facts) -> Iterator[Finding]:
    """Art. 110: the assembly approves the accounts within six months of the year's end (R42): later
    is accepted, with a flag."""
    norm = law.norm("AGO_LATE")
    if norm is None or said.year_end_on is None or said.assembly_on is None:
        return
    if said.assembly_on > months_after_year_end(said.year_end_on, norm.numbers[0]):
        days = (said.assembly_on - said.year_end_on).days
        yield norm.finding("/payload/assembly_on", max_months=norm.numbers[0], days=days)


def legal_reserves_are_fed(said: AnnualReturn, law: Law, facts: Facts) -> Iterator[Finding]:
    """Art. 114: of a net surplus, at least a fifth goes to the general reserve and a fifth to that
    for training, each until it equals the capital (R43)."""
    norm, accounts = law.norm("RESERVE_BELOW_MINIMUM"), said.accounts
    capital = facts.state.fields.get("capital_xof")
    if norm is None or accounts is None or (accounts.net_surplus_xof or 0) <= 0:
        return
    surplus = accounts.net_surplus_xof or 0
    for name in _LEGAL_RESERVES:
        given = getattr(accounts, f"to_{name}_xof") or 0
        wanted = -(-surplus * norm.numbers[0] // 100)  # rounded up: a part of a franc is owed, too
        if capital is not None:
            wanted = min(wanted, max(0, capital - (getattr(accounts, f"{name}_before_xof") or 0)))
        if given < wanted:
            yield norm.finding(f"{_AT}/to_{name}_xof", min=wanted, actual=given)


def optional_reserve_is_limited(said: AnnualReturn, law: Law, _: Facts) -> Iterator[Finding]:
    """Art. 115: optional reserves take at most a fifth of the net surplus (R43)."""
    norm, accounts = law.norm("OPTIONAL_RESERVE_ABOVE_MAXIMUM"), said.accounts
    if norm is None or accounts is None or accounts.net_surplus_xof is None:
        return
    most = max(0, accounts.net_surplus_xof) * norm.numbers[0] // 100
    given = accounts.to_optional_reserve_xof or 0
    if given > most:
        yield norm.finding(f"{_AT}/to_optional_reserve_xof", max=most, actual=given)


def interest_is_limited(said: AnnualReturn, law: Law, _: Facts) -> Iterator[Finding]:
    """Art. 209: interest only of a surplus and on paid shares (R44), at most at the discount rate,
    once somebody has entered it (in hundredths of a per cent)."""
    norm, rate, accounts = (
        law.norm("SHARE_INTEREST_LIMIT"),
        law.norm("SHARE_INTEREST_RATE"),
        said.accounts,
    )
    if accounts is None or not accounts.share_interest_xof:
        return
    at, paid = f"{_AT}/share_interest_xof", accounts.paid_up_capital_xof
    if norm is not None and ((accounts.net_surplus_xof or 0) <= 0 or paid == 0):
        yield norm.finding(at)
    if rate is not None and paid is not None:
        most = paid * rate.numbers[0] // 10_000
        if accounts.share_interest_xof > most:
            yield rate.finding(at, max=most, actual=accounts.share_interest_xof)


def surplus_is_shared_once(said: AnnualReturn, _: Law, __: Facts) -> Iterator[Finding]:
    """No more is allocated than there is."""
    if said.accounts is None or said.accounts.net_surplus_xof is None:
        return
    surplus, total = max(0, said.accounts.net_surplus_xof), _allocated(said.accounts)
    if total > surplus:
        told = {"max": surplus, "actual": total}
        yield Finding(code="ALLOCATION_ABOVE_SURPLUS", pointer=_AT, params=told)


def _allocated(accounts: Accounts) -> int:
    return sum(getattr(accounts, name) or 0 for name in _ALLOCATED)


def auditor_is_named(said: AnnualReturn, law: Law, facts: Facts) -> Iterator[Finding]:
    """Art. 121: a COOP-CA above all three thresholds, members, turnover and balance sheet, has an
    auditor (R45)."""
    norm, accounts = law.norm("AUDITOR_REQUIRED"), said.accounts
    if norm is None or accounts is None or (said.auditor or "").strip():
        return
    sizes = (
        len(facts.state.members), accounts.turnover_xof or 0, accounts.balance_sheet_xof or 0
    )  # fmt: skip
    if all(size > limit for size, limit in zip(sizes, norm.numbers, strict=True)):
        yield norm.finding("/payload/auditor")


# what is asked of a return, also of one that is put right
OF_A_RETURN: tuple[Rule, ...] = (
    figures_are_stated,
    year_has_ended,
    assembly_met_in_time,
    legal_reserves_are_fed,
    optional_reserve_is_limited,
    interest_is_limited,
    surplus_is_shared_once,
    auditor_is_named,
)
RETURN: tuple[Rule, ...] = (*OF_A_RETURN, year_has_no_return)

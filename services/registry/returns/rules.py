"""What is asked of an annual return: in time, and the surplus shared as the Act wants it."""

from collections.abc import Iterator
from datetime import date

from chassis.errors import Finding
from services.registry.acts import Case, fields_of
from services.registry.history.rules import Change
from services.registry.law.rules import Facts, Law
from services.registry.limits import months_after
from services.registry.returns.schemas import Accounts, AnnualReturn

_FIGURES = ("turnover_xof", "equity_xof", "balance_sheet_xof", "net_surplus_xof")
_LEGAL_RESERVES = ("general_reserve", "training_reserve")
_ALLOCATED = (
    "to_general_reserve_xof", "to_training_reserve_xof", "to_optional_reserve_xof",
    "share_interest_xof",
)  # fmt: skip
_AT = "/payload/accounts"


def _key(on: date) -> str:
    return f"return/{on.year}"


def return_changes(said: AnnualReturn, case: Case) -> list[Change]:
    """The return of its year; the last one is what the public sees."""
    if said.year_end_on is None:
        return []
    whole = said.model_dump(
        mode="json", include={"year_end_on", "assembly_on", "accounts", "workforce", "auditor"}
    )
    last = case.state.fields.get("last_return")
    is_last = last is None or last["year_end_on"] < whole["year_end_on"]
    shown = {name: whole[name] for name in ("year_end_on", "assembly_on", "auditor")}
    return fields_of(**{_key(said.year_end_on): whole}, last_return=shown if is_last else None)


def figures_are_stated(said: AnnualReturn, _: Law, __: Facts) -> Iterator[Finding]:
    """Art. 107: financial statements at each year's end."""
    if said.accounts is None:
        yield Finding(code="FIELD_MISSING", pointer=_AT)
        return
    for name in _FIGURES:
        if getattr(said.accounts, name) is None:
            yield Finding(code="FIELD_MISSING", pointer=f"{_AT}/{name}")


def year_has_ended(said: AnnualReturn, _: Law, facts: Facts) -> Iterator[Finding]:
    """The year is over, its assembly came after it, and it has no return yet: another one would
    be a correction."""
    ended, met = said.year_end_on, said.assembly_on
    for name, on in (("year_end_on", ended), ("assembly_on", met)):
        if on is not None and on > facts.today:
            yield Finding(code="DATE_IN_FUTURE", pointer=f"/payload/{name}")
    if ended and met and met <= ended:
        yield Finding(code="ASSEMBLY_BEFORE_YEAR_END", pointer="/payload/assembly_on")
    every = {change.key for one in facts.happenings for change in one.changes}
    if ended and _key(ended) in every:
        told = {"year": ended.year}
        yield Finding(code="RETURN_ALREADY_FILED", pointer="/payload/year_end_on", params=told)


def assembly_met_in_time(said: AnnualReturn, law: Law, _: Facts) -> Iterator[Finding]:
    """Art. 110: the assembly approves the accounts within six months of the year's end (R42): later
    is accepted, with a flag."""
    norm = law.norm("AGO_LATE")
    if norm is None or said.year_end_on is None or said.assembly_on is None:
        return
    if said.assembly_on > months_after(said.year_end_on, norm.numbers[0]):
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


RETURN = (
    figures_are_stated,
    year_has_ended,
    assembly_met_in_time,
    legal_reserves_are_fed,
    optional_reserve_is_limited,
    interest_is_limited,
    surplus_is_shared_once,
    auditor_is_named,
)

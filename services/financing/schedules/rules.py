"""Repayment schedules in whole francs, exactly as many rows as asked.

Rates are exact fractions and never rounded; amounts are rounded once, when they enter a row. The
annuity alone needs a division chain and is computed with 50 digits. No float.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import accumulate
from math import floor

from services.financing.rates.rules import Flow, Rates, compute_rates
from services.financing.rates.schemas import MAX_XOF
from services.financing.schedules.calendar import (
    Period,
    moments_of,
    periods_of,
    periods_per_year,
)
from services.financing.schedules.errors import AmountOutOfRange, ScheduleNotAmortising
from services.financing.schedules.schemas import (
    Amortization,
    FeeMoment,
    InterestMethod,
    Rounding,
    ScheduleRequest,
)

_CONTEXT = Context(prec=50)


@dataclass(frozen=True, kw_only=True)
class Installment:
    """One row; amounts in francs, `days` since the row before, `balance_xof` after payment."""

    number: int
    due_on: date
    days: int
    principal_xof: int
    interest_xof: int
    fees_xof: int
    balance_xof: int

    @property
    def total_xof(self) -> int:
        """What the borrower pays on `due_on`."""
        return self.principal_xof + self.interest_xof + self.fees_xof


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """All rows, and both rates unrounded in `rates`; compare those with a ceiling."""

    installments: tuple[Installment, ...]
    total_interest_xof: int
    total_cost_xof: int
    rates: Rates

    @property
    def teg_proportional_percent(self) -> str | None:
        """The proportional rate with four decimals."""
        return self.rates.teg_proportional_percent

    @property
    def teg_effective_percent(self) -> str:
        """The effective rate with four decimals."""
        return self.rates.teg_effective_percent


def build_schedule(request: ScheduleRequest) -> Schedule:
    """The repayment schedule of a loan, its cost and its TEG.

    Raises `ScheduleNotAmortising`, `AmountOutOfRange` or, when no rate between -99 % and 1000 % a
    year fits, `TegNotComputable`.
    """
    periods = periods_of(request)
    principals, accrued = _amortise(request, periods)
    interests = _deferred(accrued, request.grace_interest)
    rows = tuple(_rows(request, periods, principals, interests))
    upfront = request.fees_xof(FeeMoment.DISBURSEMENT, with_taxes=True)
    cost = sum(row.interest_xof + row.fees_xof for row in rows) + upfront
    if request.principal_xof + cost > MAX_XOF:
        raise AmountOutOfRange(f"The loan and its cost exceed {MAX_XOF} francs.")
    return Schedule(
        installments=rows,
        total_interest_xof=sum(interests),
        total_cost_xof=cost,
        rates=_rates(request, periods, rows),
    )


def _rounded(value: Fraction, unit: int, rounding: Rounding) -> int:
    units = value / unit
    half_even = rounding is Rounding.HALF_EVEN
    return unit * (round(units) if half_even else floor(units + Fraction(1, 2)))


def _francs(request: ScheduleRequest, value: Fraction) -> int:
    return _rounded(value, request.rounding_unit_xof, request.rounding)


def _installment(request: ScheduleRequest, value: Fraction) -> int:
    unit = request.installment_multiple_xof or request.rounding_unit_xof
    return _rounded(value, unit, request.rounding)


def _amortise(request: ScheduleRequest, periods: Sequence[Period]) -> tuple[list[int], list[int]]:
    """The principal repaid and the interest accrued in each period."""
    interest_of, share_of = _interest(request, periods), _share(request, periods)
    balance, principals, interests = request.principal_xof, [], []
    for period in periods:
        interest = interest_of(period, balance)
        principal = _repaid(request, period.number, balance, share_of(interest))
        balance -= principal
        principals.append(principal)
        interests.append(interest)
    return principals, interests


def _interest(request: ScheduleRequest, periods: Sequence[Period]) -> Callable[[Period, int], int]:
    if request.interest_method is InterestMethod.DECLINING:
        return lambda period, balance: _francs(request, balance * period.rate)
    shares = _flat_shares(request, periods)
    return lambda period, _: shares[period.number - 1]


def _flat_shares(request: ScheduleRequest, periods: Sequence[Period]) -> list[int]:
    """The interest on the whole principal, spread by length; the last row takes what is left."""
    rates = [period.rate for period in periods]
    length = sum(rates, Fraction(0))
    left = total = _francs(request, request.principal_xof * length)
    shares = []
    for rate in rates[:-1]:
        shares.append(min(left, _francs(request, total * rate / length)) if rate else 0)
        left -= shares[-1]
    return [*shares, left]


def _share(request: ScheduleRequest, periods: Sequence[Period]) -> Callable[[int], int]:
    """What an ordinary row repays, given the interest that accrued in it."""
    principal, repaying = request.principal_xof, periods[request.grace_principal :]
    if request.amortization is Amortization.BULLET:
        return lambda _: 0
    if request.balloon_xof is not None:
        before = max(len(repaying) - 1, 1)
        part = _francs(request, Fraction(principal - request.balloon_xof, before))
        return lambda _: part
    equal = Fraction(principal, len(repaying))
    if request.amortization is Amortization.ANNUITY:
        if request.interest_method is InterestMethod.DECLINING:
            level = _installment(request, _annuity(principal, [p.rate for p in repaying]))
            return lambda interest: level - interest
        if request.installment_multiple_xof is not None:
            return lambda interest: _installment(request, equal + interest) - interest
    part = _francs(request, equal)
    return lambda _: part


def _annuity(principal: int, rates: Sequence[Fraction]) -> Fraction:
    """The level payment A = P / Σ_k Π_{j≤k} 1/(1 + r_j)."""
    with localcontext(_CONTEXT):
        worth = Decimal(0)
        for rate in reversed(rates):
            worth = (worth + 1) * rate.denominator / (rate.denominator + rate.numerator)
        return Fraction(principal / worth)


def _repaid(request: ScheduleRequest, number: int, balance: int, share: int) -> int:
    """The share, within what is owed before the balloon; the last row repays all the rest."""
    if number == request.number_of_installments:
        return balance
    if number <= request.grace_principal:
        return 0
    if share < 0:
        raise ScheduleNotAmortising(f"Instalment {number} does not pay its own interest.")
    owed = balance - (request.balloon_xof or 0)
    is_before_balloon = request.balloon_xof and number == request.number_of_installments - 1
    return owed if is_before_balloon else min(share, owed)


def _deferred(accrued: Sequence[int], grace: int) -> list[int]:
    """Interest as it is paid: that of the first `grace` rows comes on top of the next one."""
    return [*[0] * grace, sum(accrued[: grace + 1]), *accrued[grace + 1 :]]


def _rows(
    request: ScheduleRequest,
    periods: Sequence[Period],
    principals: Sequence[int],
    interests: Sequence[int],
) -> Iterator[Installment]:
    fees = request.fees_xof(FeeMoment.EACH_INSTALLMENT, with_taxes=True)
    repaid = accumulate(principals)
    for period, principal, interest in zip(periods, principals, interests, strict=True):
        yield Installment(
            number=period.number,
            due_on=period.due_on,
            days=period.days,
            principal_xof=principal,
            interest_xof=interest,
            fees_xof=fees,
            balance_xof=request.principal_xof - next(repaid),
        )


def _rates(request: ScheduleRequest, periods: list[Period], rows: Sequence[Installment]) -> Rates:
    """The TEG of the flows between borrower and lender, without taxes."""
    upfront = request.fees_xof(FeeMoment.DISBURSEMENT, with_taxes=False)
    fees = request.fees_xof(FeeMoment.EACH_INSTALLMENT, with_taxes=False)
    paid = [row.principal_xof + row.interest_xof + fees for row in rows]
    is_single = sum(amount > 0 for amount in paid) == 1
    moments = moments_of(request, periods, is_single_payment=is_single)
    received = Flow(request.principal_xof - upfront, Fraction(0))
    flows = [Flow(-amount, at) for amount, at in zip(paid, moments, strict=True)]
    usual = None if is_single else periods_per_year(request)
    return compute_rates([received, *flows], periods_per_year=usual)

"""The TEG by both conventions, from what is received and paid (décision CM/UMOA/009/06/2013).

Moments are exact fractions of a year, amounts whole francs, everything else `Decimal`: no float.
The unknown is the force of interest δ, in Σ amount·e^(-δt) = 0, because it makes every convention a
mere reading: the effective rate is e^δ - 1, the rate of a period of p years e^(δp) - 1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

from services.financing.rates.errors import TegNotComputable
from services.financing.rates.schemas import DatedAmount, RateRequest

_CONTEXT = Context(prec=50)
_LOWEST, _HIGHEST = Decimal("-0.99"), Decimal(10)
_SMALLEST_STEP = Decimal("1E-36")
_KEPT = Decimal("1E-24")  # of a percent: hides the solver's last digits, so that 14 % is exactly 14
_SHOWN = Decimal("0.0001")
_NEAR = Fraction(1, 50)  # 52 weeks of 7 days or 12 periods of 30 days still make a year


class Convention(StrEnum):
    """How a rate of a period becomes a yearly one."""

    PROPORTIONAL = "PROPORTIONAL"
    EFFECTIVE = "EFFECTIVE"


@dataclass(frozen=True)
class Flow:
    """Francs received (> 0) or paid (< 0) by the borrower, `at` years after a common origin."""

    amount_xof: int
    at: Fraction


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The TEG in percent, unrounded; the `teg_*` strings are the same with four decimals."""

    effective_percent: Decimal
    proportional_percent: Decimal | None

    @property
    def teg_effective_percent(self) -> str:
        """The effective rate as the wire shows it."""
        return _shown(self.effective_percent)

    @property
    def teg_proportional_percent(self) -> str | None:
        """The proportional rate as the wire shows it; none when the periods are irregular."""
        rate = self.proportional_percent
        return None if rate is None else _shown(rate)

    def exceeds(self, ceiling_percent: Decimal, convention: Convention) -> bool:
        """Whether the unrounded rate is above a legal ceiling; at the ceiling is lawful.

        Raises `TegNotComputable` when the convention gives no rate: a ceiling that cannot be
        checked is never passed.
        """
        effective = convention is Convention.EFFECTIVE
        rate = self.effective_percent if effective else self.proportional_percent
        if rate is None:
            raise TegNotComputable("Irregular periods have no proportional rate.")
        return rate > ceiling_percent


def rates_of(request: RateRequest) -> Rates:
    """Both rates of a `POST /rate-calculations` body; raises `TegNotComputable`."""
    signed = [(1, flow) for flow in request.drawdowns] + [(-1, flow) for flow in request.payments]
    flows = [Flow(sign * flow.amount_xof, _moment(flow)) for sign, flow in signed]
    given = request.periods_per_year
    return compute_rates(flows, periods_per_year=None if given is None else Fraction(given))


def compute_rates(flows: Iterable[Flow], *, periods_per_year: Fraction | None = None) -> Rates:
    """Both rates of a series of flows; raises `TegNotComputable`.

    Flows are regular when they are equally spaced; the first gap may be several times longer
    (grace). Then the proportional rate is that of one gap × gaps in a year, so that for a single
    payment it is (paid / received - 1) × 365 / days. `periods_per_year` names the period when the
    flows are irregular; without it they have no proportional rate.
    """
    with localcontext(_CONTEXT):
        series = _series(flows)
        force = _force_of_interest(series)
        proportional = _proportional(series, force, periods_per_year)
        return Rates(
            effective_percent=_percent(force.exp() - 1),
            proportional_percent=None if proportional is None else _percent(proportional),
        )


def _moment(flow: DatedAmount) -> Fraction:
    if flow.after_months is not None:
        return Fraction(flow.after_months, 12)
    days = flow.on.toordinal() if flow.on is not None else flow.after_days or 0
    return Fraction(days, 365)


@dataclass(frozen=True)
class _Series:
    """Net flows in order; `gaps` count units of `unit` years since the flow before (first: 0)."""

    amounts: tuple[int, ...]
    gaps: tuple[int, ...]
    unit: Fraction

    @property
    def is_regular(self) -> bool:
        return set(self.gaps[2:]) <= {1}  # only the first payment may wait longer

    def worth(self, force: Decimal) -> Decimal:
        """Present worth at the moment of the first flow."""
        discount = (-force * _decimal(self.unit)).exp()
        over = {gap: discount**gap for gap in set(self.gaps)}
        total = Decimal(0)
        for amount, gap in zip(reversed(self.amounts), reversed(self.gaps), strict=True):
            total = (total + amount) * over[gap]
        return total


def _series(flows: Iterable[Flow]) -> _Series:
    net: dict[Fraction, int] = {}
    for flow in flows:
        net[flow.at] = net.get(flow.at, 0) + flow.amount_xof
    moments = sorted(at for at, amount in net.items() if amount)
    if len(moments) < 2:
        raise TegNotComputable("Something must be received at one moment and paid at another.")
    fineness = lcm(*(at.denominator for at in moments))
    gaps = [int((later - earlier) * fineness) for earlier, later in pairwise(moments)]
    unit = gcd(*gaps)
    return _Series(
        amounts=tuple(net[at] for at in moments),
        gaps=(0, *(gap // unit for gap in gaps)),
        unit=Fraction(unit, fineness),
    )


def _force_of_interest(series: _Series) -> Decimal:
    """The δ that makes the series worth nothing, by Ridders' method between the two bounds.

    Each turn at least halves the bracket, and treats the worth as the exponential that it nearly
    is: fewer than ten turns give 36 digits on ordinary loans.
    """
    low, high = (1 + _LOWEST).ln(), (1 + _HIGHEST).ln()
    at_low, at_high = series.worth(low), series.worth(high)
    if at_low * at_high > 0:
        raise TegNotComputable("No yearly rate between -99 % and 1000 % balances these flows.")
    guess = low
    while True:
        middle = (low + high) / 2
        at_middle = series.worth(middle)
        spread = (at_middle * at_middle - at_low * at_high).sqrt()
        shift = (middle - low) * at_middle / spread
        previous, guess = guess, middle + shift if at_low > at_high else middle - shift
        if abs(guess - previous) <= _SMALLEST_STEP:
            return guess
        found = {low: at_low, middle: at_middle, guess: series.worth(guess), high: at_high}
        low, high = _around_zero(found)
        at_low, at_high = found[low], found[high]


def _around_zero(found: Mapping[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    neighbours = pairwise(sorted(found))
    return next(pair for pair in neighbours if found[pair[0]] * found[pair[1]] <= 0)


def _proportional(
    series: _Series, force: Decimal, periods_per_year: Fraction | None
) -> Decimal | None:
    period = series.unit if series.is_regular else None
    if periods_per_year is None:
        if period is None:
            return None
        periods_per_year = 1 / period
    elif period is None or abs(period * periods_per_year - 1) > _NEAR:
        period = 1 / periods_per_year
    return ((force * _decimal(period)).exp() - 1) * _decimal(periods_per_year)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator


def _percent(rate: Decimal) -> Decimal:
    return (rate * 100).quantize(_KEPT) + 0  # + 0 turns a negative zero into zero


def _shown(percent: Decimal) -> str:
    return str(percent.quantize(_SHOWN) + 0)

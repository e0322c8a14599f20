"""Repayment schedules on the wire."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from chassis.bodies import Incoming
from services.financing.rates.schemas import MAX_XOF, MAX_YEARS, Day, Percent, Xof

MAX_INSTALLMENTS = 600


class RepayUnit(StrEnum):
    """What `repay_every` counts."""

    DAYS = "DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"


class InterestMethod(StrEnum):
    """Interest on what is still owed, or on the whole loan until its end."""

    DECLINING = "DECLINING"
    FLAT = "FLAT"


class Amortization(StrEnum):
    """How the principal is spread over the instalments."""

    ANNUITY = "ANNUITY"
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL"
    BULLET = "BULLET"
    BALLOON = "BALLOON"


class DayCount(StrEnum):
    """How long a period is, for its interest."""

    PERIODIC = "PERIODIC"
    ACT_365 = "ACT_365"
    ACT_364 = "ACT_364"
    ACT_360 = "ACT_360"
    THIRTY_360 = "THIRTY_360"


class Rounding(StrEnum):
    """Where an exact half goes: to the even neighbour, or up."""

    HALF_EVEN = "HALF_EVEN"
    HALF_UP = "HALF_UP"


class FeeMoment(StrEnum):
    """When a fee is paid."""

    DISBURSEMENT = "DISBURSEMENT"
    EACH_INSTALLMENT = "EACH_INSTALLMENT"


_PERIODS_IN_LONGEST = {
    RepayUnit.DAYS: 366 * MAX_YEARS,
    RepayUnit.WEEKS: 52 * MAX_YEARS,
    RepayUnit.MONTHS: 12 * MAX_YEARS,
}

Grace = Annotated[int, Field(ge=0, lt=MAX_INSTALLMENTS)]
RoundingStep = Annotated[int, Field(ge=1, le=1_000_000)]
AnnualRate = Annotated[
    str, Field(pattern=r"^(0|[1-9][0-9]{0,3})(\.[0-9]{1,8})?$", max_length=13, examples=["12.50"])
]


class Fee(Incoming):
    """A fee or a tax. A tax is owed like the rest, but the TEG leaves it out."""

    model_config = ConfigDict(frozen=True)

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=60, examples=["FILE_FEE"])]
    amount_xof: Annotated[int, Field(ge=0, le=MAX_XOF)]
    at: FeeMoment
    is_tax: bool = False


class ScheduleRequest(Incoming):
    """The terms of a loan paid out at once.

    `number_of_installments` includes the graces, which count instalments from the first:
    `grace_principal` repays nothing, `grace_interest` carries its interest to the instalment that
    follows it, `interest_free_periods` bear none. `installment_multiple_xof` rounds level
    instalments (ANNUITY) and says nothing about the other amortizations.
    """

    model_config = ConfigDict(frozen=True)

    principal_xof: Xof
    annual_rate_percent: AnnualRate
    number_of_installments: Annotated[int, Field(ge=1, le=MAX_INSTALLMENTS)]
    repay_every: Annotated[int, Field(ge=1, le=366)]
    repay_unit: RepayUnit
    disbursed_on: Day
    first_due_on: Day | None = None
    interest_method: InterestMethod
    amortization: Amortization
    balloon_xof: Xof | None = None
    day_count: DayCount
    grace_principal: Grace = 0
    grace_interest: Grace = 0
    interest_free_periods: Grace = 0
    installment_multiple_xof: RoundingStep | None = None
    rounding_unit_xof: RoundingStep = 1
    rounding: Rounding = Rounding.HALF_EVEN
    fees: Annotated[list[Fee], Field(max_length=50)] = Field(default_factory=list)

    @property
    def annual_rate(self) -> Fraction:
        """The nominal rate as a number: 12.50 % is 1/8."""
        return Fraction(self.annual_rate_percent) / 100

    def fees_xof(self, at: FeeMoment, *, with_taxes: bool) -> int:
        """What is paid in fees each time `at` comes."""
        return sum(
            fee.amount_xof for fee in self.fees if fee.at is at and (with_taxes or not fee.is_tax)
        )

    @field_validator("annual_rate_percent")
    @classmethod
    def _rate_is_plausible(cls, rate: str) -> str:
        if Fraction(rate) > 1000:
            raise PydanticCustomError("RATE_OUT_OF_RANGE", "A rate is at most 1000 percent.")
        return rate

    @model_validator(mode="after")
    def _terms_agree(self) -> Self:
        wrong = [*self._wrong_balloon(), *self._wrong_graces(), *self._wrong_dates()]
        if wrong:
            raise ValidationError.from_exception_data(type(self).__name__, wrong)
        return self

    def _wrong_balloon(self) -> Iterator[InitErrorDetails]:
        is_balloon = self.amortization is Amortization.BALLOON
        if self.balloon_xof is None:
            if is_balloon:
                yield _wrong("balloon_xof", "BALLOON_REQUIRED", "BALLOON needs balloon_xof.")
        elif not is_balloon:
            yield _wrong("balloon_xof", "BALLOON_NOT_APPLICABLE", "Only BALLOON has balloon_xof.")
        elif self.balloon_xof > self.principal_xof:
            message = "The balloon exceeds the principal."
            yield _wrong("balloon_xof", "BALLOON_ABOVE_PRINCIPAL", message)
        elif self._repaying_installments == 1 and self.balloon_xof < self.principal_xof:
            message = "Beside the balloon, at least one instalment must repay the rest."
            yield _wrong("balloon_xof", "BALLOON_BELOW_PRINCIPAL", message)

    @property
    def _repaying_installments(self) -> int:
        return self.number_of_installments - self.grace_principal

    def _wrong_graces(self) -> Iterator[InitErrorDetails]:
        for name in ("grace_principal", "grace_interest", "interest_free_periods"):
            if getattr(self, name) >= self.number_of_installments:
                message = "A grace must be shorter than the loan."
                yield _wrong(name, "GRACE_TOO_LONG", message)
        if 0 < self.grace_interest <= self.interest_free_periods:
            message = "These instalments are interest-free: there is no interest to defer."
            yield _wrong("grace_interest", "GRACE_WITHOUT_INTEREST", message)

    def _wrong_dates(self) -> Iterator[InitErrorDetails]:
        if self.first_due_on is not None and self.first_due_on <= self.disbursed_on:
            message = "The first due date must follow the disbursement."
            yield _wrong("first_due_on", "FIRST_DUE_TOO_EARLY", message)
        if self.number_of_installments * self.repay_every > _PERIODS_IN_LONGEST[self.repay_unit]:
            message = "A schedule lasts at most {years} years."
            yield _wrong("number_of_installments", "SCHEDULE_TOO_LONG", message, years=MAX_YEARS)


def _wrong(field: str, code: str, message: str, **context: int) -> InitErrorDetails:
    # a whole ValidationError, and not one custom error, so that each finding points at its field
    error = PydanticCustomError(code, message, context or None)
    return InitErrorDetails(type=error, loc=(field,), input=None)


class InstallmentRead(BaseModel):
    """One row. `days` since the row before; `balance_xof` is the principal still owed after it."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    due_on: date
    days: int
    principal_xof: int
    interest_xof: int
    fees_xof: int
    total_xof: int
    balance_xof: int


class ScheduleRead(BaseModel):
    """The schedule, its cost (interest and all fees, taxes included) and its TEG (taxes apart)."""

    model_config = ConfigDict(from_attributes=True)

    installments: list[InstallmentRead]
    total_interest_xof: int
    total_cost_xof: int
    teg_proportional_percent: Percent
    teg_effective_percent: Percent

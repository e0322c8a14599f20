"""Rate calculations on the wire."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from chassis import fields
from chassis.bodies import Incoming

MAX_XOF = 9_007_199_254_740_991  # 2^53 - 1: beyond it JSON readers in double precision lose francs
MAX_YEARS = 100

Xof = Annotated[int, Field(ge=1, le=MAX_XOF)]
Day = Annotated[fields.Day, fields.between(date(1900, 1, 1), date(2200, 12, 31))]
Percent = Annotated[str, Field(max_length=24, examples=["12.2900"])]

Timing = Literal["on", "after_days", "after_months"]
_TIMINGS: tuple[Timing, ...] = ("on", "after_days", "after_months")


class DatedAmount(Incoming):
    """An amount and its moment: a date, or a number of days or months after a common origin."""

    model_config = ConfigDict(frozen=True)

    amount_xof: Xof
    on: Day | None = None
    after_days: Annotated[int, Field(ge=0, le=366 * MAX_YEARS)] | None = None
    after_months: Annotated[int, Field(ge=0, le=12 * MAX_YEARS)] | None = None

    @property
    def timing(self) -> Timing:
        """Which of the three moments was given."""
        return next(name for name in _TIMINGS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _one_moment(self) -> "DatedAmount":
        if sum(getattr(self, name) is not None for name in _TIMINGS) != 1:
            raise PydanticCustomError(
                "FLOW_TIME_REQUIRED", "Give exactly one of on, after_days and after_months."
            )
        return self


class RateRequest(Incoming):
    """What the borrower receives and pays; taxes are not in the TEG, so leave them out."""

    model_config = ConfigDict(frozen=True)

    drawdowns: Annotated[list[DatedAmount], Field(min_length=1, max_length=120)]
    payments: Annotated[list[DatedAmount], Field(min_length=1, max_length=600)]
    periods_per_year: Annotated[int, Field(ge=1, le=366)] | None = None

    @model_validator(mode="after")
    def _comparable_moments(self) -> "RateRequest":
        timings = {flow.timing for flow in (*self.drawdowns, *self.payments)}
        if "on" in timings and len(timings) > 1:
            raise PydanticCustomError(
                "FLOW_TIMES_MIXED", "Dates cannot be mixed with numbers of days or months."
            )
        return self


class RateRead(BaseModel):
    """The TEG by both conventions, in percent with four decimals."""

    model_config = ConfigDict(from_attributes=True)

    teg_effective_percent: Percent
    teg_proportional_percent: Percent | None

"""Holidays on the wire."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from chassis.bodies import Incoming
from chassis.fields import Day, between
from services.registry.fields import Plain

Name = Annotated[str, Field(min_length=3, max_length=100), Plain]


class NameWrite(Incoming):
    """A name in the two languages of the contract."""

    fr: Name
    en: Name


class HolidayWrite(Incoming):
    """A day on which the offices are closed, or (`is_observed` false) are open after all."""

    on: Annotated[Day, between(date(2020, 1, 1), date(2100, 12, 31))]
    name: NameWrite
    is_observed: bool = True
    source: Annotated[str, Field(min_length=3, max_length=300), Plain]


class HolidayName(BaseModel):
    """A name in the two languages of the contract."""

    fr: str
    en: str


class HolidayRead(BaseModel):
    """A day that the working days leave out, and the text that says so."""

    on: date
    name: HolidayName
    is_observed: bool
    source: str

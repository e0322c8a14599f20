"""ANNUAL_RETURN: what the assembly approved about a year, in figures. Money is whole francs."""

from typing import Annotated

from pydantic import Field

from chassis.bodies import Incoming
from services.registry.fields import Amount, Legal, Short, Signed
from services.registry.registrations.schemas import DocumentRef

Count = Annotated[int, Field(ge=0, le=10_000_000)]


class Accounts(Incoming):
    """The accounts of the year, and where its surplus goes. The reserves are stated as they stand
    before the allocation."""

    turnover_xof: Amount | None = None
    equity_xof: Signed | None = None
    balance_sheet_xof: Amount | None = None
    net_surplus_xof: Signed | None = None
    paid_up_capital_xof: Amount | None = None
    general_reserve_before_xof: Amount | None = None
    training_reserve_before_xof: Amount | None = None
    to_general_reserve_xof: Amount | None = None
    to_training_reserve_xof: Amount | None = None
    to_optional_reserve_xof: Amount | None = None
    share_interest_xof: Amount | None = None


class Workforce(Incoming):
    """Who works there, counted: what is not known is left out, and not zero."""

    employees_women: Count | None = None
    employees_men: Count | None = None
    employees_not_stated: Count | None = None
    worker_members: Count | None = None
    producer_members: Count | None = None
    volunteers_women: Count | None = None
    volunteers_men: Count | None = None
    volunteers_not_stated: Count | None = None


class AnnualReturn(Incoming):
    """ANNUAL_RETURN: what the assembly approved. It is on record from the day it is filed."""

    year_end_on: Legal | None = None
    assembly_on: Legal | None = None
    accounts: Accounts | None = None
    workforce: Workforce | None = None
    auditor: Short | None = None
    documents: Annotated[list[DocumentRef], Field(max_length=50)] | None = None

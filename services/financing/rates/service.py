"""Simulations of rates."""

from chassis.errors import Finding, ValidationFailed
from services.financing.rates.errors import TegNotComputable
from services.financing.rates.rules import Rates, rates_of
from services.financing.rates.schemas import RateRequest


def calculate(request: RateRequest) -> Rates:
    """Both rates of a series of flows; a series that no rate balances is a finding."""
    try:
        return rates_of(request)
    except TegNotComputable:
        finding = Finding(code="TEG_NOT_COMPUTABLE", pointer="")
        raise ValidationFailed(findings=[finding]) from None

"""All makers in one."""

from tests.fuzz.makers.financing import FinancingMakers
from tests.fuzz.makers.gateway import GatewayMakers


class Makers(FinancingMakers, GatewayMakers):
    """Makes whatever is asked for."""

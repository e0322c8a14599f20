"""Refusals proper to the gateway."""

from chassis.errors import Problem


class GatewayTimeout(Problem):
    """The service behind took too long; what it did in the end is not known here."""

    status = 504

"""Refusals of the rate calculation."""


class TegNotComputable(ValueError):
    """No rate between -99 % and 1000 % a year balances what is received and what is paid."""

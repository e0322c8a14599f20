"""Refusals proper to offers."""

from chassis.errors import Conflict


class OfferNotLive(Conflict):
    """The offer ended: accepted, lapsed, expired, superseded or revoked."""

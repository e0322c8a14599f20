"""Refusals when money moves."""

from chassis.errors import Conflict, Unavailable


class EligibilityStale(Unavailable):
    """The register has been silent for too long: we cannot vouch for the cooperative."""


class CooperativeNotActive(Conflict):
    """The register no longer shows the cooperative as registered."""


class OrgansIncomplete(Conflict):
    """The register does not show complete management organs."""


class TrainingRequired(Conflict):
    """The training that the product asks for is not, or no longer, achieved."""

"""Refusals proper to certificates."""

from chassis.errors import Conflict


class NotEligibleForCertificate(Conflict):
    """Nothing was achieved, or the results are not final yet (rule 26)."""


class CertificateExists(Conflict):
    """One standing certificate per decision (rule 27)."""


class RevocationIrreversible(Conflict):
    """What was revoked stays revoked (rule 30)."""

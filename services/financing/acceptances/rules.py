"""What the assembly's resolution allows to be accepted: pure functions."""

from collections.abc import Iterator, Sequence
from datetime import date

from chassis.clock import months_after
from chassis.errors import Finding
from services.financing.applications.schemas import AgResolution


def signatories_are_named(
    signing: Sequence[str], resolution: AgResolution, least: int
) -> Iterator[Finding]:
    """Enough officers sign, and only those whom the assembly named (programme policy)."""
    if len(set(signing)) < least or not set(signing) <= set(resolution.signatories):
        params = {"min": least}
        yield Finding(code="SIGNATORIES_INSUFFICIENT", pointer="/signatories", params=params)


def assembly_allows(
    amount_xof: int, begins_on: date, ends_on: date, resolution: AgResolution
) -> Iterator[Finding]:
    """The offer is neither larger nor longer than the assembly allowed (programme policy)."""
    if amount_xof > resolution.max_amount_xof:
        params = {"max": resolution.max_amount_xof, "actual": amount_xof}
        yield Finding(code="AG_RESOLUTION_INSUFFICIENT", pointer="", params=params)
    if ends_on > months_after(begins_on, resolution.max_term_months):
        length = (ends_on.year - begins_on.year) * 12 + ends_on.month - begins_on.month
        params = {"max": resolution.max_term_months, "actual": length}
        yield Finding(code="AG_RESOLUTION_INSUFFICIENT", pointer="", params=params)

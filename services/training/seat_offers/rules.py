"""How long an offer stands, and who in the queue comes next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.training.enrolments.rules import Admission, Party, Seats, settle, together
from services.training.tools.schemas import OfferTerms


def expiry(now: datetime, starts_at: datetime, terms: OfferTerms) -> datetime | None:
    """When an offer made now lapses; None when it is too late to offer anything.

    A quarter of the time to the first slot, within the bounds of the policy, and never past the
    moment from which the organisers must know who comes.
    """
    cutoff = starts_at - terms.cutoff
    if now >= cutoff:
        return None
    quarter = (starts_at - now) / 4
    longest, shortest = timedelta(hours=terms.ttl_hours), timedelta(hours=terms.min_hours)
    return min(now + max(shortest, min(longest, quarter)), cutoff)


def choose(
    seats: Seats, parties: Sequence[Party], *, is_indivisible: bool
) -> tuple[list[int], Admission]:
    """The positions of those who have a place now, and why the first of the others has none."""
    if is_indivisible:
        verdict = seats.admission(together(parties))
        is_admitted = verdict is Admission.ADMITTED
        return (list(range(len(parties))) if is_admitted else []), verdict
    verdicts = settle(seats, parties)
    chosen = [n for n, verdict in enumerate(verdicts) if verdict is Admission.ADMITTED]
    refused = (verdict for verdict in verdicts if verdict is not Admission.ADMITTED)
    return chosen, next(refused, Admission.ADMITTED)

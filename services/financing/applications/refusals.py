"""Why lenders refused, as the cooperative may read it."""

from services.financing.applications.schemas import Refusal
from services.financing.decisions.models import LenderDecision

_HIDDEN = "FRAUD_SUSPICION"  # a suspicion is for the lender and the law, not for the suspect


def refusal_of(decision: LenderDecision) -> Refusal:
    """The reasons of a rejection; a suspicion of fraud is shown as OTHER, without its text."""
    is_hidden = _HIDDEN in decision.reason_codes
    shown = {"OTHER" if code == _HIDDEN else code for code in decision.reason_codes}
    return Refusal(
        lender_id=decision.lender_id,
        reason_codes=sorted(shown),
        reason_text=None if is_hidden else decision.reason_text,
        received_at=decision.received_at,
    )

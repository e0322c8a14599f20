"""A rejection says why, on which basis, and how to contest it: pure functions over values."""

from collections.abc import Iterator

from chassis.errors import Finding
from services.registry.decisions.schemas import Appeal, AppealText, DecisionOutcome, DecisionWrite

REASONS = "rejection-reasons"
NEEDS_LAW = "LAW"  # what the reasons that break a rule stand under

# AUSCOOP art. 73 sends disputes about the register to the court; it is known from memory only, and
# which court of Senegal that is has not been settled: the text names none, and no period.
_BASIS = "AUSCOOP art. 73"
_CONFIDENCE = "M"
_FR = (
    "Vous pouvez contester ce rejet devant la juridiction compétente. Aucun texte confirmé ne dit"
    " laquelle : renseignez-vous auprès d'un greffe ou d'un conseil avant d'agir.{period} Vous"
    " pouvez aussi déposer un nouveau dossier qui répond au motif du rejet."
)
_EN = (
    "You may contest this rejection before the competent court. No confirmed text says which one:"
    " ask a court registry or an adviser before you act.{period} You may also file a new dossier"
    " that answers the reason of the rejection."
)


def faults(said: DecisionWrite, group: str | None, *, is_known: bool) -> Iterator[Finding]:
    """What a rejection lacks; `group` is what its code stands under in the list."""
    if said.outcome != DecisionOutcome.REJECTED:
        return
    if not said.reason:
        yield Finding(code="REASON_REQUIRED", pointer="/reason")
    if said.reason_code is None:
        yield Finding(code="REASON_CODE_REQUIRED", pointer="/reason_code")
    elif not is_known:
        yield Finding(code="REASON_CODE_UNKNOWN", pointer="/reason_code")
    if group == NEEDS_LAW and not said.law_ref:
        yield Finding(code="LAW_REF_REQUIRED", pointer="/law_ref")


def appeal(period_days: int | None) -> Appeal:
    """How to contest a rejection; a period only where a confirmed rule sets one."""
    fr = f" Délai : {period_days} jours." if period_days else ""
    en = f" Time: {period_days} days." if period_days else ""
    text = AppealText(fr=_FR.format(period=fr), en=_EN.format(period=en))
    return Appeal(text=text, period_days=period_days, basis=_BASIS, confidence=_CONFIDENCE)

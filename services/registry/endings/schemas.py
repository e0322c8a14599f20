"""What ends a cooperative."""

from datetime import date

from chassis.bodies import Incoming
from services.registry.acts import Decided
from services.registry.fields import (
    Amount,
    Beneficiary,
    CourtMeasure,
    DissolutionReason,
    Legal,
    Short,
    StrikeOffGround,
    Text,
)
from services.registry.registrations.schemas import PersonName


class Dissolution(Decided):
    """DISSOLUTION: the liquidation begins. The liquidator's name is public (art. 183)."""

    reason: DissolutionReason | None = None
    liquidator: PersonName | None = None
    court: Short | None = None
    judgment_reference: Short | None = None


class Closure(Incoming):
    """Where and when the closure of a liquidation was published (art. 183-184)."""

    published_in: Short | None = None
    published_on: Legal | None = None


class LiquidationClose(Decided):
    """LIQUIDATION_CLOSE: nothing is left to liquidate. `decided_on` is the day of the closure; the
    personality of a cooperative ends on that of its publication (`closure`), which the law asks of
    no association."""

    surplus_xof: Amount | None = None
    beneficiary: Beneficiary | None = None
    beneficiary_name: Short | None = None
    closure: Closure | None = None

    @property
    def holds_from(self) -> date | None:
        """The publication ends the record, where there is one, and no decision before it."""
        return (self.closure and self.closure.published_on) or self.decided_on

    @property
    def dated_by(self) -> str:
        """Where it says so."""
        is_published = self.closure is not None and self.closure.published_on is not None
        return "closure/published_on" if is_published else "decided_on"


class Judgment(Incoming):
    """A decision of a court."""

    court: Short | None = None
    reference: Short | None = None
    given_on: Legal | None = None


class StrikeOff(Decided):
    """STRIKE_OFF: the registrar closes a record, on a ground that somebody else decided:
    COURT_DECISION has its `judgment`, LIQUIDATION_CLOSED its `closure`, whose publication ended the
    personality of a cooperative; DUPLICATE_RECORD has neither."""

    ground: StrikeOffGround | None = None
    reason: Text | None = None
    judgment: Judgment | None = None
    closure: Closure | None = None

    @property
    def holds_from(self) -> date | None:
        """A publication ended the record, whenever the registrar came to close it."""
        return self.closed_on or self.decided_on

    @property
    def not_before(self) -> date | None:
        """The registrar decides after a publication what holds from it."""
        return None if self.closed_on else self.decided_on

    @property
    def closed_on(self) -> date | None:
        """The day on which the closure of a liquidation was published, if that is the ground."""
        is_closed = self.ground == StrikeOffGround.LIQUIDATION_CLOSED
        return self.closure.published_on if self.closure and is_closed else None


class CourtOrder(Decided):
    """COURT_ORDER: what a court ordered; `decided_on` is the day of its decision. A provisional
    administration lasts until an END_OF_ADMINISTRATION, whatever else a court orders meanwhile."""

    court: Short | None = None
    reference: Short | None = None
    measure: CourtMeasure | None = None
    liquidator: PersonName | None = None
    summary: Text | None = None

"""What ends a cooperative."""

from datetime import date
from typing import ClassVar

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
    personality ends on that of its publication (`closure`)."""

    DATED_BY: ClassVar[str] = "closure/published_on"

    surplus_xof: Amount | None = None
    beneficiary: Beneficiary | None = None
    beneficiary_name: Short | None = None
    closure: Closure | None = None

    @property
    def holds_from(self) -> date | None:
        """The publication ends the record, and no decision before it."""
        return self.closure.published_on if self.closure else None


class Judgment(Incoming):
    """A decision of a court."""

    court: Short | None = None
    reference: Short | None = None
    given_on: Legal | None = None


class StrikeOff(Decided):
    """STRIKE_OFF: the registrar closes a record, on a ground that somebody else decided:
    COURT_DECISION has its `judgment`, LIQUIDATION_CLOSED its `closure`, whose publication ended the
    personality."""

    ground: StrikeOffGround | None = None
    reason: Text | None = None
    judgment: Judgment | None = None
    closure: Closure | None = None

    @property
    def holds_from(self) -> date | None:
        """A publication ended the record, whenever the registrar came to close it."""
        return self._closed.published_on if self._closed else self.decided_on

    @property
    def not_before(self) -> date | None:
        """The registrar decides after a publication what holds from it."""
        return None if self._closed else self.decided_on

    @property
    def _closed(self) -> Closure | None:
        return self.closure if self.ground == StrikeOffGround.LIQUIDATION_CLOSED else None


class CourtOrder(Decided):
    """COURT_ORDER: what a court ordered; `decided_on` is the day of its decision. A provisional
    administration lasts until an END_OF_ADMINISTRATION, whatever else a court orders meanwhile."""

    court: Short | None = None
    reference: Short | None = None
    measure: CourtMeasure | None = None
    liquidator: PersonName | None = None
    summary: Text | None = None

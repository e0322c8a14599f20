"""The separate axes of a cooperative: life, legal registration, CPS programme, ESS agrément."""

from enum import StrEnum

from chassis.states import Machine


class Life(StrEnum):
    """The record itself."""

    REGISTERED = "REGISTERED"
    IN_LIQUIDATION = "IN_LIQUIDATION"
    STRUCK_OFF = "STRUCK_OFF"
    ABSORBED = "ABSORBED"


class LifeAction(StrEnum):
    """What an approved filing may do to the record; no timer ever does."""

    MODIFY = "MODIFY"
    ENTER_LIQUIDATION = "ENTER_LIQUIDATION"
    STRIKE_OFF = "STRIKE_OFF"
    ABSORB = "ABSORB"


L = Life
# domain rules L2, L5–L8; struck off and absorbed records are closed for ever.
LIFE = Machine[Life, LifeAction](
    {
        LifeAction.MODIFY: ({L.REGISTERED}, L.REGISTERED),
        LifeAction.ENTER_LIQUIDATION: ({L.REGISTERED}, L.IN_LIQUIDATION),
        LifeAction.STRIKE_OFF: ({L.REGISTERED, L.IN_LIQUIDATION}, L.STRUCK_OFF),
        LifeAction.ABSORB: ({L.REGISTERED}, L.ABSORBED),
    }
)


CLOSED = frozenset({L.STRUCK_OFF, L.ABSORBED})


class LegalRegistration(StrEnum):
    """The RSC number belongs to the authority that keeps the RSC; we only record its proof."""

    NOT_REGISTERED = "NOT_REGISTERED"
    DEPOSITED = "DEPOSITED"
    REGISTERED = "REGISTERED"
    STRUCK_OFF = "STRUCK_OFF"


class CpsStatus(StrEnum):
    """Programme of the ministry."""

    OUTSIDE = "OUTSIDE"
    CANDIDATE = "CANDIDATE"
    RECOGNISED = "RECOGNISED"
    SUSPENDED = "SUSPENDED"
    WITHDRAWN = "WITHDRAWN"


class EssStatus(StrEnum):
    """Agrément of the social and solidarity economy."""

    NOT_REQUESTED = "NOT_REQUESTED"
    REQUESTED = "REQUESTED"
    GRANTED = "GRANTED"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    WITHDRAWN = "WITHDRAWN"
    REFUSED = "REFUSED"

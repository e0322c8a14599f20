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
    CLOSE_LIQUIDATION = "CLOSE_LIQUIDATION"
    STRIKE_OFF = "STRIKE_OFF"
    ABSORB = "ABSORB"


L = Life
# domain rules L2, L5–L8; struck off and absorbed records are closed for ever.
LIFE = Machine[Life, LifeAction](
    {
        LifeAction.MODIFY: ({L.REGISTERED}, L.REGISTERED),
        LifeAction.ENTER_LIQUIDATION: ({L.REGISTERED}, L.IN_LIQUIDATION),
        LifeAction.CLOSE_LIQUIDATION: ({L.IN_LIQUIDATION}, L.STRUCK_OFF),
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


class CpsAction(StrEnum):
    """What the ministry decides about a place in its programme."""

    ACCEPT = "ACCEPT"
    RECOGNISE = "RECOGNISE"
    SUSPEND = "SUSPEND"
    WITHDRAW = "WITHDRAW"


C = CpsStatus
# No text was found; a recognition that was suspended or withdrawn may be given again.
CPS = Machine[CpsStatus, CpsAction](
    {
        CpsAction.ACCEPT: ({C.OUTSIDE, C.WITHDRAWN}, C.CANDIDATE),
        CpsAction.RECOGNISE: ({C.OUTSIDE, C.CANDIDATE, C.SUSPENDED, C.WITHDRAWN}, C.RECOGNISED),
        CpsAction.SUSPEND: ({C.RECOGNISED}, C.SUSPENDED),
        CpsAction.WITHDRAW: ({C.CANDIDATE, C.RECOGNISED, C.SUSPENDED}, C.WITHDRAWN),
    }
)


class EssStatus(StrEnum):
    """Agrément of the social and solidarity economy."""

    NOT_REQUESTED = "NOT_REQUESTED"
    REQUESTED = "REQUESTED"
    GRANTED = "GRANTED"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    WITHDRAWN = "WITHDRAWN"
    REFUSED = "REFUSED"


class EssAction(StrEnum):
    """What was asked of the authority of the agrément, or decided by it."""

    REQUEST = "REQUEST"
    GRANT = "GRANT"
    REFUSE = "REFUSE"
    SUSPEND = "SUSPEND"
    WITHDRAW = "WITHDRAW"
    EXPIRE = "EXPIRE"


E = EssStatus
# Its duration is not known (Q3): it expires when the authority says so, and never by a timer.
ESS = Machine[EssStatus, EssAction](
    {
        EssAction.REQUEST: ({E.NOT_REQUESTED, E.EXPIRED, E.WITHDRAWN, E.REFUSED}, E.REQUESTED),
        EssAction.GRANT: (set(E) - {E.GRANTED}, E.GRANTED),
        EssAction.REFUSE: ({E.NOT_REQUESTED, E.REQUESTED}, E.REFUSED),
        EssAction.SUSPEND: ({E.GRANTED}, E.SUSPENDED),
        EssAction.WITHDRAW: ({E.GRANTED, E.SUSPENDED}, E.WITHDRAWN),
        EssAction.EXPIRE: ({E.GRANTED, E.SUSPENDED}, E.EXPIRED),
    }
)

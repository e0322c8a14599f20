"""The life of an import, and of its rows."""

from enum import StrEnum

from chassis.states import Machine


class ImportMode(StrEnum):
    """What happens to sound rows when others are not: they enter, or nothing does."""

    PARTIAL = "PARTIAL"
    ATOMIC = "ATOMIC"


class ImportStatus(StrEnum):
    """Where an import stands."""

    CHECKING = "CHECKING"
    CHECKED = "CHECKED"
    REFUSED = "REFUSED"  # the file as a whole; another mapping may still save it
    APPLYING = "APPLYING"
    APPLIED = "APPLIED"
    ABORTED = "ABORTED"  # all or nothing, and it was nothing
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"  # nobody decided in time, and the file is gone


class ImportAction(StrEnum):
    """What may happen to it."""

    REMAP = "REMAP"
    CHECK = "CHECK"
    REFUSE = "REFUSE"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    APPLY = "APPLY"
    ABORT = "ABORT"
    EXPIRE = "EXPIRE"


S = ImportStatus
LIFE = Machine[ImportStatus, ImportAction](
    {
        ImportAction.REMAP: ({S.CHECKED, S.REFUSED}, S.CHECKING),
        ImportAction.CHECK: ({S.CHECKING}, S.CHECKED),
        ImportAction.REFUSE: ({S.CHECKING}, S.REFUSED),
        ImportAction.APPROVE: ({S.CHECKED}, S.APPLYING),
        ImportAction.REJECT: ({S.CHECKED, S.REFUSED}, S.REJECTED),
        ImportAction.APPLY: ({S.APPLYING}, S.APPLIED),
        ImportAction.ABORT: ({S.APPLYING}, S.ABORTED),
        ImportAction.EXPIRE: ({S.CHECKED, S.REFUSED}, S.EXPIRED),
    }
)
BY_PEOPLE = (ImportAction.REMAP, ImportAction.APPROVE, ImportAction.REJECT)
WORKED_ON = (S.CHECKING, S.APPLYING)
CLOSED = (S.APPLIED, S.ABORTED, S.REJECTED, S.EXPIRED)


class RowOutcome(StrEnum):
    """What an import did, or would do, with a row."""

    READY = "READY"
    BLOCKED = "BLOCKED"
    UNCHANGED = "UNCHANGED"  # imported before, and says the same
    DIFFERENT = "DIFFERENT"  # imported before, and says something else: nothing is changed
    IMPORTED = "IMPORTED"


KEPT_OUT = (RowOutcome.BLOCKED, RowOutcome.DIFFERENT)

"""Moves, kept and read back."""

from collections.abc import Sequence
from enum import StrEnum

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.ids import new_id
from services.training.history.models import Transition


class History:
    """What happened, in order."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def note(
        self,
        subject: str,
        action: str,
        move: tuple[StrEnum | None, StrEnum],
        *,
        by: str,
        reason: str | None = None,
    ) -> None:
        """Remember that `action` took `subject` from the first state of `move` to the second."""
        before, after = move
        self.session.add(
            Transition(
                id=new_id(),
                subject=subject,
                action=str(action),
                from_status=before.value if before is not None else None,
                to_status=after.value,
                by_sub=by,
                reason=reason,
                at=clock.now(),
            )
        )

    async def of(self, subject: str) -> Sequence[Transition]:
        """The moves of `subject`, oldest first."""
        query = select(Transition).where(Transition.subject == subject)
        return (await self.session.exec(query.order_by(col(Transition.id)))).all()

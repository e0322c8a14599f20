"""What happens to initiatives."""

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from services.registry.code_lists.repository import Divisions
from services.registry.events import InitiativeStarted, outbox
from services.registry.initiatives.models import Initiative
from services.registry.initiatives.repository import Initiatives
from services.registry.initiatives.schemas import InitiativeWrite


async def start(session: AsyncSession, wish: InitiativeWrite, *, by: Caller) -> Initiative:
    """A group makes itself known; the others hear of it."""
    commune = await Divisions(session).commune(wish.commune_code)
    if commune is None:
        raise ValidationFailed(findings=[Finding(code="COMMUNE_UNKNOWN", pointer="/commune_code")])
    owner = wish.organisation_id or by.organisation_id
    if owner != by.organisation_id and not by.covers(commune.path):
        refusal = Finding(code="ORGANISATION_NOT_YOURS", pointer="/organisation_id")
        raise ValidationFailed(findings=[refusal])
    if not by.acts_in(commune.path):
        outside = Finding(code="COMMUNE_OUTSIDE_TERRITORY", pointer="/commune_code")
        raise ValidationFailed(findings=[outside])
    id = new_id()
    await hold(session, f"initiative/{id}")
    initiative = Initiatives(session).add(
        Initiative(
            **wish.model_dump(exclude={"organisation_id"}),
            id=id,
            organisation_id=owner,
            path=commune.path,
            created_by=by.sub,
            created_at=clock.now(),
        )
    )
    outbox.publish(session, id, _started(initiative))
    return initiative


def _started(initiative: Initiative) -> InitiativeStarted:
    return InitiativeStarted(
        initiative_id=initiative.id,
        organisation_id=initiative.organisation_id,
        name=initiative.name,
        commune_code=initiative.commune_code,
        members_count=initiative.members_count,
    )

"""What others need to know of an organisation before they give it somebody or something."""

from chassis.db import AsyncSession, hold
from gateway.accounts.models import Organisation, OrganisationStatus
from gateway.organisations.errors import OrganisationNotActive
from gateway.organisations.repository import Organisations


async def receiving(session: AsyncSession, id: str) -> Organisation:
    """The organisation, held so that it stays ACTIVE until the commit; refused if it is not.

    Raises `NotFound` for one that does not exist."""
    await hold(session, f"organisation/{id}")
    organisation = await Organisations(session).get(id)
    if organisation.status != OrganisationStatus.ACTIVE:
        raise OrganisationNotActive(current_status=organisation.status.value)
    return organisation

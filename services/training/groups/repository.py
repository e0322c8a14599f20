"""Groups, remembered and found."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run
from services.training.groups.models import GroupKind, KnownGroup

_PUT = text(
    """
    insert into known_group (id, kind, organisation_id, name, commune_code, path, initiative_id,
      registration_number, heard_at)
    values (:id, :kind, :organisation_id, :name, :commune_code, :path, :initiative_id,
      :registration_number, :heard_at)
    on conflict (id) do update set organisation_id = excluded.organisation_id,
      name = excluded.name, commune_code = excluded.commune_code, path = excluded.path,
      initiative_id = excluded.initiative_id, registration_number = excluded.registration_number,
      heard_at = excluded.heard_at
    """
)


class Groups:
    """All groups that we have heard of."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, kind: GroupKind, id: UUID) -> KnownGroup | None:
        """The group, or None when nobody told us of it."""
        found = await self.session.get(KnownGroup, id)
        return found if found is not None and found.kind == kind else None

    async def put(self, group: KnownGroup) -> None:
        """Remember `group` as it was last told; harmless when repeated."""
        row = group.model_dump()
        await run(self.session, _PUT, {**row, "kind": group.kind.value})

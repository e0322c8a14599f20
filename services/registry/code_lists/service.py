"""Code lists, read."""

from chassis.db import AsyncSession
from chassis.errors import NotFound
from services.registry.code_lists.models import CodeEntry, Division
from services.registry.code_lists.repository import Codes, Divisions
from services.registry.code_lists.schemas import CodeListRead, CodeRead, Label


async def read(session: AsyncSession, name: str) -> CodeListRead:
    """The list `name`; `NotFound` when there is none."""
    if name == "divisions":
        places = await Divisions(session).all()
        return CodeListRead(name=name, items=[_place(place) for place in places])
    entries = await Codes(session).of_list(name)
    if not entries:
        raise NotFound()
    return CodeListRead(name=name, items=[_entry(entry) for entry in entries])


def _place(place: Division) -> CodeRead:
    label = Label(fr=place.name, en=place.name)
    return CodeRead(code=place.code, parent_code=place.parent_code, label=label)


def _entry(entry: CodeEntry) -> CodeRead:
    label = Label(fr=entry.label_fr, en=entry.label_en)
    return CodeRead(code=entry.code, parent_code=entry.parent_code, label=label)

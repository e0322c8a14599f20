"""A file moves to another authority: the central registrar's act, written in both registers."""

from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, ValidationFailed
from chassis.versions import expect
from services.registry.agents.repository import Agents
from services.registry.code_lists.models import Division
from services.registry.code_lists.repository import Divisions
from services.registry.cooperatives.models import Cooperative
from services.registry.desk.models import WorkItem
from services.registry.desk.records import note
from services.registry.desk.repository import Desk
from services.registry.desk.schemas import TransferWrite
from services.registry.desk.service import open_file
from services.registry.desk.states import StepKind
from services.registry.filings.models import Filing
from services.registry.filings.records import record
from services.registry.filings.repository import Filings
from services.registry.ledger.models import EntryKind


async def transfer(
    session: AsyncSession, id: UUID, said: TransferWrite, *, version: int | None, by: Caller
) -> tuple[Filing, WorkItem]:
    """Another authority works on the file from now on. Its arrival number stays, its clock too;
    whoever held it holds it no more."""
    await hold(session, f"filing/{id}")
    target = await Divisions(session).authority(said.authority_code)
    filing, item = await open_file(session, id, by=by)
    expect(version, filing.version)
    path = _path_within(filing, _demanded(target, filing, by))
    await Agents(session).meet(by)
    await _move(session, filing, item, (path, said.authority_code))
    await note(session, filing, item, StepKind.TRANSFERRED, by=by, reason=said.reason)
    return filing, item


async def _move(
    session: AsyncSession, filing: Filing, item: WorkItem, to: tuple[list[str], str]
) -> None:
    await record(session, filing, EntryKind.TRANSFER_OUT, on=clock.today())
    filing.path, filing.authority_code = to
    filing.version += 1
    item.holder_sub = item.held_since = None
    await record(session, filing, EntryKind.TRANSFER_IN, on=clock.today())


async def follow(
    session: AsyncSession, by: Caller, cooperative: Cooperative, *, left: str, approved: Filing
) -> None:
    """A filing that was just approved moved a record away from the authority `left`: the files
    about it that lay there and wait for a decision go with it, as if each had been transferred,
    and so do drafts. What a registrar had moved elsewhere stays there. Whoever calls holds them
    all."""
    for id in await Filings(session).open_about(cooperative.id):
        filing = await Filings(session).lock(id)
        if id == approved.id or filing.authority_code not in (left, None):
            continue
        if filing.authority_code in (cooperative.authority_code, None):  # no register to leave
            filing.path = cooperative.path
        elif (item := await Desk(session).lock(id)) is not None:
            await _move(session, filing, item, (cooperative.path, cooperative.authority_code))
            await note(session, filing, item, StepKind.TRANSFERRED, by=by)


def _demanded(target: Division | None, filing: Filing, by: Caller) -> Division:
    # an authority beyond the registrar's territory and one that does not exist are one answer
    if target is None or not by.covers(target.path):
        raise _refused("AUTHORITY_UNKNOWN")
    if target.code == filing.authority_code:
        raise _refused("TRANSFER_TO_ITSELF")
    return target


def _refused(code: str) -> ValidationFailed:
    return ValidationFailed(findings=[Finding(code=code, pointer="/authority_code")])


def _path_within(filing: Filing, target: Division) -> list[str]:
    """The place of the file, as far as it lies within the authority that receives it."""
    return filing.path if target.code in filing.path else target.path

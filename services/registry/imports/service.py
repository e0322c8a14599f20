"""What happens to an import: received, read otherwise, decided by somebody else."""

import base64
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession, Database
from chassis.errors import Finding, IllegalTransition, ValidationFailed
from chassis.ids import new_id
from chassis.patches import merged
from chassis.vault import Vault
from chassis.versions import demand, expect
from services.registry.code_lists.models import Division
from services.registry.decisions.schemas import DecisionOutcome
from services.registry.filings.errors import FourEyes
from services.registry.imports.columns import kept_title
from services.registry.imports.models import Import
from services.registry.imports.repository import Imports, sealed_for
from services.registry.imports.schemas import (
    CSV,
    XLSX,
    ColumnWrite,
    Encoding,
    ImportDecisionWrite,
    ImportPatch,
)
from services.registry.imports.states import (
    BY_PEOPLE,
    KEPT_OUT,
    LIFE,
    ImportAction,
    ImportMode,
)
from services.registry.operations import service as operations

_PIECE = 262_144
_MAGIC = {XLSX: b"PK\x03\x04"}
KEPT_FOR = timedelta(days=30)  # a file on which nobody decides


@dataclass(frozen=True)
class Wish:
    """A file, and how it is to be read."""

    path: Path
    media: str
    size: int
    sha256: str
    mode: ImportMode
    validate_only: bool
    source: str
    encoding: Encoding | None = None
    separator: str | None = None


async def receive(session: AsyncSession, wish: Wish, *, by: Caller, vault: Vault) -> Import:
    """A file arrives; it is read in the background."""
    _refuse_other_files(wish)
    id, territories = new_id(), sorted(by.territories)
    path = await _common(session, territories)
    operation = operations.begin(
        session, "IMPORT_CHECK", f"/v1/imports/{id}", created_by=by.sub, path=path
    )
    await session.flush()
    told = {k: v for k, v in vars(wish).items() if k != "path"}
    found = Imports(session).add(
        Import(
            **told,
            id=id,
            organisation_id=by.organisation_id,
            created_by=by.sub,
            filers=[by.sub],
            territories=territories,
            path=path,
            created_at=clock.now(),
            operation_id=operation.id,
        )
    )
    await session.flush()
    await Imports(session).keep_file(id, _sealed(id, wish.path, vault))
    return found


def _refuse_other_files(wish: Wish) -> None:
    with wish.path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise _refused("FILE_EMPTY")
    wanted = _MAGIC.get(wish.media)
    looks_packed = start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
    if (wanted is not None and start != wanted) or (wish.media == CSV and looks_packed):
        raise _refused("FILE_NOT_OF_ITS_TYPE", expected="CSV" if wish.media == CSV else "XLSX")


def _refused(code: str, pointer: str = "", **params: Any) -> ValidationFailed:
    return ValidationFailed(findings=[Finding(code=code, pointer=pointer, params=params)])


async def _common(session: AsyncSession, territories: list[str]) -> list[str]:
    """The smallest place that holds all of them, with what is above it: who works there may see
    and decide on the whole import."""
    chains = [await _chain(session, code) for code in territories]
    return [code for code in chains[0] if all(code in chain for chain in chains)] if chains else []


async def _chain(session: AsyncSession, code: str) -> list[str]:
    found = await session.get(Division, code)
    return list(found.path) if found else ["SN"] if code == "SN" else [code]


def _sealed(id: UUID, path: Path, vault: Vault) -> Iterator[str]:
    with path.open("rb") as file:
        for number in count():
            if not (piece := file.read(_PIECE)):
                return
            yield vault.seal(base64.b64encode(piece).decode(), sealed_for(id, number))


def opened(vault: Vault, sealed: str, id: UUID, number: int) -> bytes:
    """A piece of the file, as it came."""
    return base64.b64decode(vault.open(sealed, sealed_for(id, number)))


async def remap(
    session: AsyncSession, id: UUID, patch: dict[str, Any], *, version: int | None, by: Caller
) -> Import:
    """Read the file again, otherwise; RFC 7396 merge patch over `mode` and `mapping`."""
    found = await Imports(session).lock(id)
    now = {"mode": found.mode.value, "mapping": found.mapping}
    wish = check(ImportPatch, merged(now, patch))
    demand(version, found.version)
    found.status = LIFE.move(found.status, ImportAction.REMAP)
    found.mode = wish.mode or ImportMode.PARTIAL
    found.mapping = None if wish.mapping is None else [_kept(one) for one in wish.mapping]
    found.columns, found.findings, found.counts, found.staged_through = [], [], {}, 0
    found.leased_until = None
    found.operation_id = await _begin_again(session, found, "IMPORT_CHECK", by)
    found.filers = sorted({*found.filers, by.sub})
    found.version += 1
    await session.flush()
    await Imports(session).drop_rows(id)
    return found


def _kept(said: ColumnWrite) -> dict[str, Any]:
    return said.model_dump(mode="json") | {"column": kept_title(said.column)}


async def _begin_again(session: AsyncSession, found: Import, kind: str, by: Caller) -> UUID:
    resource = f"/v1/imports/{found.id}"
    made = operations.begin(session, kind, resource, created_by=by.sub, path=found.path)
    await session.flush()
    return made.id


def allowed(found: Import) -> list[ImportAction]:
    """What people may do with it now."""
    actions = [action for action in LIFE.allowed(found.status) if action in BY_PEOPLE]
    return [one for one in actions if not (found.validate_only and one is ImportAction.APPROVE)]


async def decide(
    session: AsyncSession, id: UUID, said: ImportDecisionWrite, *, version: int, by: Caller
) -> Import:
    """Let the sound rows enter the register, or reject the file. Nobody decides on their own."""
    found = await Imports(session).lock(id)
    expect(version, found.version)
    is_approval = said.outcome == DecisionOutcome.APPROVED
    action = ImportAction.APPROVE if is_approval else ImportAction.REJECT
    if action not in allowed(found):
        told = [one.value for one in allowed(found)]
        raise IllegalTransition(
            action=action.value, current_status=found.status.value, allowed_actions=told
        )
    if by.sub in found.filers:
        raise FourEyes()
    _refuse_unsound(found, said)
    found.status = LIFE.move(found.status, action)
    found.decided_by, found.decided_at = by.sub, clock.now()
    found.reason, found.leased_until = said.reason, None
    found.version += 1
    if is_approval:
        found.operation_id = await _begin_again(session, found, "IMPORT_APPLICATION", by)
    else:
        await session.flush()
        await Imports(session).drop_file(found)
    return found


def _refuse_unsound(found: Import, said: ImportDecisionWrite) -> None:
    is_approval = said.outcome == DecisionOutcome.APPROVED
    if not is_approval and not said.reason:
        raise _refused("REASON_REQUIRED", "/reason")
    kept_out = sum(found.counts.get(one.value, 0) for one in KEPT_OUT)
    if is_approval and found.mode is ImportMode.ATOMIC and kept_out:
        raise _refused("IMPORT_NOT_WHOLE", "/outcome", rows=kept_out)


async def expire(database: Database) -> int:
    """Forget files on which nobody decided in time; their reports stay."""
    async with database.transaction() as session:
        ids = await Imports(session).undecided(clock.now() - KEPT_FOR)
    for id in ids:
        async with database.transaction() as session:
            found = await Imports(session).lock(id)
            if ImportAction.EXPIRE in LIFE.allowed(found.status):
                found.status = LIFE.move(found.status, ImportAction.EXPIRE)
                found.version += 1
                await session.flush()
                await Imports(session).drop_file(found)
    return 0


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding as it is kept."""
    return asdict(finding) | {"params": dict(finding.params)}


def as_finding(kept: dict[str, Any]) -> Finding:
    """A finding as it was kept."""
    return Finding(**kept)

"""A person asks about their own data, and data protection answers in time."""

from datetime import timedelta

from chassis import clock
from chassis.auth import Caller
from chassis.data_keys import DataKey
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, NotFound, ValidationFailed
from chassis.ids import new_id
from chassis.vault import Vault
from chassis.versions import expect
from services.registry.accesses.dossiers import sees_whole
from services.registry.accesses.models import Capacity, Operation
from services.registry.accesses.service import Reading, note
from services.registry.cooperatives.models import Member
from services.registry.filings.errors import FourEyes
from services.registry.law.repository import law_on
from services.registry.links.repository import Links
from services.registry.persons.repository import PersonKeys, Persons
from services.registry.privacy import acts
from services.registry.privacy.models import Channel, DataRequest, RequestKind
from services.registry.privacy.repository import Acts, DataRequests
from services.registry.privacy.rules import complete, well_said
from services.registry.privacy.schemas import (
    Changes,
    DataRequestDecisionWrite,
    DataRequestRead,
    DataRequestWrite,
)
from services.registry.privacy.states import LIFE, RequestAction
from services.registry.purposes import PurposeOfUse
from services.registry.retention.repository import days_of
from services.registry.scopes import PROTECT


async def ask(
    session: AsyncSession, said: DataRequestWrite, *, by: Caller, vault: Vault
) -> DataRequest:
    """A request arrives, from the person or over a desk; it is due a fixed number of days later."""
    member, channel = await _about(session, said, by)
    findings = [*complete(said), *await _well_said(session, said)]
    if findings:
        raise ValidationFailed(findings=findings)
    await hold(session, f"member/{member.id}")
    key = await acts.key_for(session, member, vault)
    id, now = new_id(), clock.now()
    changes = said.changes.model_dump_json(exclude_none=True) if said.changes else None
    request = DataRequest(
        id=id,
        kind=said.kind,
        member_id=member.id,
        sub=by.sub,
        channel=channel,
        statement_sealed=key.seal(said.statement, _place(id, "statement"))
        if said.statement
        else None,
        changes_sealed=key.seal(changes, _place(id, "changes")) if changes else None,
        received_at=now,
        due_on=clock.today() + timedelta(days=await days_of(session, "DATA_REQUEST_DUE")),
    )
    return DataRequests(session).add(request)


def _place(id: object, name: str) -> str:
    return f"data_request/{id}/{name}"


async def _about(
    session: AsyncSession, said: DataRequestWrite, by: Caller
) -> tuple[Member, Channel]:
    own = {member.id: member for member, _ in await Links(session).members_of(by.sub)}
    if said.member_id in own:
        return own[said.member_id], Channel.ONLINE
    try:
        if not by.has(PROTECT):
            raise NotFound()
        member = await Persons(session).one_protected_by(said.member_id, by)
    except NotFound as absent:
        refused = Finding(code="MEMBER_NOT_YOURS", pointer="/member_id")
        raise ValidationFailed(findings=[refused]) from absent
    return member, Channel.DESK


async def _well_said(session: AsyncSession, said: DataRequestWrite) -> list[Finding]:
    if said.changes is None:
        return []
    today = clock.today()
    return list(well_said(said.changes, await law_on(session, today, None), today))


async def withdraw(session: AsyncSession, found: DataRequest) -> DataRequest:
    """The person takes it back."""
    request = await _locked(session, found)
    request.status = LIFE.move(request.status, RequestAction.WITHDRAW)
    request.version += 1
    return request


async def _locked(session: AsyncSession, found: DataRequest) -> DataRequest:
    member = await Persons(session).get(found.member_id)
    await hold(
        session,
        f"cooperative/{member.cooperative_id}",
        f"member/{member.id}",
        f"data_request/{found.id}",
    )
    return await DataRequests(session).lock(found.id)


async def decide(
    session: AsyncSession,
    found: DataRequest,
    said: DataRequestDecisionWrite,
    *,
    version: int,
    by: Caller,
    vault: Vault,
) -> DataRequest:
    """Grant, and it is done in the same transaction; or refuse, with the ground in law."""
    request = await _locked(session, found)
    expect(version, request.version)
    is_granted = said.outcome == "GRANTED"
    action = RequestAction.GRANT if is_granted else RequestAction.REFUSE
    status = LIFE.move(request.status, action)
    if by.sub == request.sub:
        raise FourEyes()
    if is_granted == (said.ground is not None):
        code = "GROUND_NOT_EXPECTED" if is_granted else "GROUND_REQUIRED"
        raise ValidationFailed(findings=[Finding(code=code, pointer="/ground")])
    if is_granted:
        await _do(session, request, by=by, vault=vault)
    request.status, request.version = status, request.version + 1
    request.decided_at, request.decided_by = clock.now(), by.sub
    request.ground, request.reason = said.ground, said.reason
    return request


async def _do(session: AsyncSession, request: DataRequest, *, by: Caller, vault: Vault) -> None:
    if request.kind not in (RequestKind.RECTIFICATION, RequestKind.ERASURE):
        return
    member = await Persons(session).lock(request.member_id)
    if request.kind == RequestKind.ERASURE:
        act = await acts.erase(session, member, vault)
    else:
        changes = await _changes(session, request, vault)
        if changes is None:
            raise ValidationFailed(findings=[Finding(code="PERSON_ERASED", pointer="/outcome")])
        act = await acts.rectify(session, member, changes, vault)
    Acts(session).add(acts.named(act, request_id=request.id, by=by.sub))


async def _changes(session: AsyncSession, request: DataRequest, vault: Vault) -> Changes | None:
    key = await PersonKeys(session, vault).of_member(request.member_id)
    if key is None or request.changes_sealed is None:
        return None
    return _opened_changes(request, key)


def _opened_changes(request: DataRequest, key: DataKey) -> Changes | None:
    if request.changes_sealed is None:
        return None
    text = key.open(request.changes_sealed, _place(request.id, "changes"))
    return Changes.model_validate_json(text, strict=False)


async def read(
    session: AsyncSession,
    request: DataRequest,
    *,
    by: Caller,
    purpose: PurposeOfUse | None,
    vault: Vault,
) -> DataRequestRead:
    """The request as the person wrote it, for themselves and for data protection that says why;
    that it was read is recorded."""
    # who wrote it down at a desk is not the person
    is_own = by.sub == request.sub and request.channel == Channel.ONLINE
    capacity = Capacity.SUBJECT if is_own else Capacity.DATA_PROTECTION
    is_whole = sees_whole(capacity, purpose)
    key = await PersonKeys(session, vault).of_member(request.member_id)
    statement, changes = _opened(request, key) if key and is_whole else (None, None)
    found = DataRequestRead(
        **shown(request),
        statement=statement,
        changes=changes,
        reason=request.reason,
        is_masked=not is_whole,
        is_erased=key is None,
    )
    if fields := _fields_of(found):
        member = await Persons(session).get(request.member_id)
        reading = Reading(
            operation=Operation.DATA_REQUEST,
            capacity=capacity,
            subjects=[member.id],
            fields=fields,
            is_whole=is_whole,
            purpose=purpose,
            cooperative_id=member.cooperative_id,
        )
        note(session, by, reading)
    return found


def _opened(request: DataRequest, key: DataKey) -> tuple[str | None, Changes | None]:
    sealed, place = request.statement_sealed, _place(request.id, "statement")
    return key.open(sealed, place) if sealed else None, _opened_changes(request, key)


def _fields_of(read: DataRequestRead) -> list[str]:
    said = ["statement"] if read.statement else []
    return [*said, *(sorted(read.changes.model_dump(exclude_none=True)) if read.changes else [])]


def shown(request: DataRequest) -> dict[str, object]:
    """What may be said of a request in an answer that is kept."""
    names = (
        "id", "kind", "member_id", "channel", "status", "received_at", "due_on", "decided_at",
        "ground", "version",
    )  # fmt: skip
    fields: dict[str, object] = {name: getattr(request, name) for name in names}
    return {**fields, "allowed_actions": [a.value for a in LIFE.allowed(request.status)]}

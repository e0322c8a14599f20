"""How groups enter a session, and how they leave it."""

from collections.abc import Sequence
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Conflict, Finding, ValidationFailed
from chassis.ids import new_id
from chassis.phones import normal_phone
from chassis.vault import Vault
from chassis.versions import expect
from services.training.delegations import rules
from services.training.delegations.schemas import DelegationWrite, MemberWrite, version_of
from services.training.enrolments.errors import (
    AlreadyEnrolled,
    DelegationIndivisible,
    RegistrationClosed,
    SeatsReserved,
    SessionFull,
    SessionHasBegun,
    WaitlistFull,
)
from services.training.enrolments.models import Delegation, Enrolment
from services.training.enrolments.repository import Delegations, Enrolments
from services.training.enrolments.rules import Admission
from services.training.enrolments.schemas import Mode
from services.training.enrolments.service import close_if_empty, move, seats_of
from services.training.enrolments.states import EnrolmentAction, EnrolmentStatus
from services.training.groups.models import GroupKind, KnownGroup
from services.training.groups.service import spoken_for
from services.training.history.repository import History
from services.training.seat_offers.rules import choose
from services.training.seat_offers.service import parties_of, promote
from services.training.sessions.models import TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.states import SessionStatus

Placed = tuple[Delegation, Sequence[Enrolment]]
_REFUSALS: dict[Admission, type[Conflict]] = {
    Admission.FULL: SessionFull,
    Admission.TOO_LARGE: DelegationIndivisible,
    Admission.RESERVED: SeatsReserved,
}


async def enrol(
    session: AsyncSession, wish: DelegationWrite, *, vault: Vault, by: Caller
) -> Placed:
    """A group asks for its places: it has them, or waits for them, or is told why not."""
    await _demand_session(session, wish.training_session_id)
    group = await spoken_for(session, *wish.group, by=by)
    training_session = await TrainingSessions(session).lock_with(wish.training_session_id)
    _demand_open(training_session)
    if await Delegations(session).live(training_session.id, group.id) is not None:
        raise AlreadyEnrolled()
    _check(wish, training_session)
    delegation = _delegation(training_session, group, wish.mode, by)
    enrolments = [_enrolment(delegation, n, member, vault) for n, member in enumerate(wish.members)]
    session.add(delegation)
    await session.flush()
    session.add_all(enrolments)
    await session.flush()
    await _place(session, training_session, delegation, enrolments)
    return delegation, enrolments


async def _demand_session(session: AsyncSession, id: UUID) -> None:
    found = await TrainingSessions(session).find(id)
    if found is None or found.opened_at is None:
        finding = Finding(code="TRAINING_SESSION_UNKNOWN", pointer="/training_session_id")
        raise ValidationFailed(findings=[finding])


def _demand_open(training_session: TrainingSession) -> None:
    now = clock.now()
    opens, closes = training_session.registration_opens_at, training_session.registration_closes_at
    is_early = opens is not None and now < opens
    is_late = closes is not None and now >= closes
    if training_session.status is not SessionStatus.OPEN or is_early or is_late:
        raise RegistrationClosed(current_status=training_session.status.value)


def _check(wish: DelegationWrite, training_session: TrainingSession) -> None:
    findings = [
        *rules.members_are_distinct(wish.members),
        *rules.members_can_fit(wish.members, training_session.capacity),
        *rules.members_are_plausible(wish.members, clock.today().year),
    ]
    if findings:
        raise ValidationFailed(findings=findings)


def _delegation(
    training_session: TrainingSession, group: KnownGroup, mode: Mode, by: Caller
) -> Delegation:
    is_initiative = group.kind is GroupKind.INITIATIVE
    return Delegation(
        id=new_id(),
        training_session_id=training_session.id,
        kind=group.kind,
        group_id=group.id,
        initiative_id=group.id if is_initiative else group.initiative_id,
        cooperative_id=None if is_initiative else group.id,
        organisation_id=group.organisation_id,
        path=group.path,
        mode=mode,
        enrolled_by=by.sub,
        created_at=clock.now(),
    )


def _enrolment(
    delegation: Delegation, position: int, member: MemberWrite, vault: Vault
) -> Enrolment:
    id = new_id()
    phone = normal_phone(member.phone) if member.phone else None
    return Enrolment(
        id=id,
        training_session_id=delegation.training_session_id,
        delegation_id=delegation.id,
        position=position,
        member_id=member.id,
        family_name=member.family_name,
        given_names=member.given_names,
        sex=member.sex,
        birth_year=member.birth_year,
        phone_sealed=vault.seal(phone, f"enrolment/{id}/phone") if phone else None,
    )


async def _place(
    session: AsyncSession,
    training_session: TrainingSession,
    delegation: Delegation,
    enrolments: list[Enrolment],
) -> None:
    """Confirm those for whom there is a place; the others wait, or the whole group is refused."""
    waiting = await Enrolments(session).count(training_session.id, EnrolmentStatus.WAITLISTED)
    chosen, why = (
        ([], Admission.FULL)  # nobody overtakes a queue by arriving late
        if waiting
        else await _chosen(session, training_session, delegation, enrolments)
    )
    rest = [row for n, row in enumerate(enrolments) if n not in chosen]
    can_wait = waiting + len(rest) <= training_session.waitlist_max
    if not chosen and not can_wait:
        raise _refusal(why, training_session)
    history, by = History(session), delegation.enrolled_by
    for n in chosen:
        move(history, enrolments[n], EnrolmentAction.CONFIRM, by=by)
    action = EnrolmentAction.WAITLIST if can_wait else EnrolmentAction.REJECT
    for enrolment in rest:
        move(history, enrolment, action, by=by, reason=None if can_wait else why.value)
    if rest and can_wait:
        delegation.waitlisted_at = clock.now()
        await promote(session, training_session)


async def _chosen(
    session: AsyncSession,
    training_session: TrainingSession,
    delegation: Delegation,
    enrolments: Sequence[Enrolment],
) -> tuple[list[int], Admission]:
    seats = await seats_of(session, training_session)
    parties = await parties_of(session, training_session, enrolments)
    return choose(seats, parties, is_indivisible=delegation.mode is Mode.ALL_OR_NOTHING)


def _refusal(why: Admission, training_session: TrainingSession) -> Conflict:
    if training_session.waitlist_max:
        return WaitlistFull(waitlist_max=training_session.waitlist_max)
    return _REFUSALS[why](capacity=training_session.capacity)


async def withdraw_delegation(
    session: AsyncSession, id: UUID, *, version: int | None, reason: str | None, by: Caller
) -> Placed:
    """The whole group leaves; its seats go to those who wait."""
    training_session = await _lock(session, await Delegations(session).get(id))
    delegation = await Delegations(session).get(id)
    members = await Enrolments(session).of_delegation(id)
    expect(version, version_of(delegation, members))
    leaving = [row for row in members if row.status.is_live]
    await _leave(session, training_session, leaving or members, reason=reason, by=by)
    return delegation, members


async def withdraw_enrolment(
    session: AsyncSession, id: UUID, *, version: int | None, reason: str | None, by: Caller
) -> Enrolment:
    """One learner leaves; the seat goes to those who wait."""
    before = await Enrolments(session).get(id)
    delegation = await Delegations(session).get(before.delegation_id)
    training_session = await _lock(session, delegation)
    enrolment = await Enrolments(session).get(id)
    expect(version, enrolment.version)
    await _leave(session, training_session, [enrolment], reason=reason, by=by)
    return enrolment


async def _lock(session: AsyncSession, delegation: Delegation) -> TrainingSession:
    return await TrainingSessions(session).lock_with(delegation.training_session_id)


async def _leave(
    session: AsyncSession,
    training_session: TrainingSession,
    leaving: Sequence[Enrolment],
    *,
    reason: str | None,
    by: Caller,
) -> None:
    history = History(session)
    for enrolment in leaving:
        move(history, enrolment, EnrolmentAction.WITHDRAW, by=by.sub, reason=reason)
    if training_session.starts_at is not None and training_session.starts_at <= clock.now():
        raise SessionHasBegun()
    delegation_id = leaving[0].delegation_id
    members = await Enrolments(session).of_delegation(delegation_id)
    await close_if_empty(session, delegation_id, members)
    await promote(session, training_session)

"""How a session is planned: drafted, submitted, approved, opened."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.versions import expect
from services.training.places.repository import Places
from services.training.plans.schemas import (
    SlotWrite,
    TrainingSessionPatch,
    TrainingSessionWrite,
)
from services.training.sessions import rules
from services.training.sessions.errors import RegistrationWindowPast, ResourceConflict
from services.training.sessions.models import SessionSlot, TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.service import begin, move, taught
from services.training.sessions.states import PLANNING, SessionAction, demand
from services.training.tools.models import ProgrammeVersion
from services.training.tools.repository import Catalogue
from services.training.tools.schemas import Module


async def plan(session: AsyncSession, wish: TrainingSessionWrite, *, by: Caller) -> TrainingSession:
    """A new draft, in the territory of the one who plans it."""
    found = await Places(session).commune(wish.commune_code)
    version = await Catalogue(session).version(wish.programme_version_id)
    findings = [
        *rules.sizes_agree(wish.capacity, wish.model_dump(include=rules.SIZES)),
        *rules.slots_are_orderly(wish.slots),
    ]
    if found is None:
        findings.append(Finding(code="COMMUNE_UNKNOWN", pointer="/commune_code"))
    elif not by.covers(found.path):
        findings.append(Finding(code="COMMUNE_OUTSIDE_TERRITORY", pointer="/commune_code"))
    if version is None:
        findings.append(Finding(code="PROGRAMME_UNKNOWN", pointer="/programme_version_id"))
    if found is None or findings:
        raise ValidationFailed(findings=findings)
    planned = TrainingSession(
        **wish.model_dump(exclude={"slots", "recorded_late"}),
        id=new_id(),
        path=found.path,
        recorded_late_reason=wish.recorded_late.reason if wish.recorded_late else None,
        created_by=by.sub,
        created_at=clock.now(),
    )
    TrainingSessions(session).add(planned)
    await session.flush()
    await _put_slots(session, planned, wish.slots)
    return planned


async def revise(
    session: AsyncSession, id: UUID, patch: TrainingSessionPatch, *, version: int
) -> TrainingSession:
    """Change a draft, or the dates and staff of a postponed session."""
    training_session = await TrainingSessions(session).lock_with(id)
    expect(version, training_session.version)
    demand(training_session.status, PLANNING, "REVISE")
    _raise(rules.slots_are_orderly(patch.slots))
    changes = patch.model_dump(exclude_unset=True, exclude={"slots"})
    training_session.sqlmodel_update(changes)
    training_session.version += 1
    if "slots" in patch.model_fields_set:
        await TrainingSessions(session).forget_slots(id)
        await _put_slots(session, training_session, patch.slots)
    return training_session


async def _put_slots(
    session: AsyncSession, training_session: TrainingSession, slots: Sequence[SlotWrite]
) -> None:
    for slot in slots:
        session.add(
            SessionSlot(**slot.model_dump(), id=new_id(), training_session_id=training_session.id)
        )
    training_session.starts_at = min((slot.starts_at for slot in slots), default=None)
    training_session.ends_at = max((slot.ends_at for slot in slots), default=None)


async def submit(
    session: AsyncSession, id: UUID, *, version: int | None, by: Caller
) -> TrainingSession:
    """The plan is complete: timetable, sizes, window."""
    training_session = await begin(session, id, version, SessionAction.SUBMIT)
    programme = await taught(session, training_session)
    slots = await TrainingSessions(session).slots(id)
    _raise([*_of_programme(training_session, slots, programme), *_of_time(training_session, slots)])
    return move(session, training_session, SessionAction.SUBMIT, by=by)


def _of_programme(
    training_session: TrainingSession, slots: Sequence[SessionSlot], programme: ProgrammeVersion
) -> Iterator[Finding]:
    modules = [Module.model_validate(module) for module in programme.modules]
    yield from rules.size_fits_programme(
        training_session.capacity, programme.min_participants, programme.max_participants
    )
    yield from rules.slots_cover_modules(slots, modules)
    if training_session.language not in programme.languages:
        yield Finding(code="LANGUAGE_NOT_TAUGHT", pointer="/language")


def _of_time(training_session: TrainingSession, slots: Sequence[SessionSlot]) -> Iterator[Finding]:
    is_late = training_session.is_recorded_late
    yield from rules.slots_are_on_the_right_side(slots, clock.now(), is_recorded_late=is_late)
    if is_late and training_session.waitlist_max:
        yield Finding(code="NOBODY_WAITS_FOR_THE_PAST", pointer="/waitlist_max")
    if not is_late and training_session.starts_at is not None:
        yield from rules.window_is_set(
            training_session.registration_opens_at,
            training_session.registration_closes_at,
            training_session.starts_at,
        )


async def approve(
    session: AsyncSession, id: UUID, *, version: int | None, by: Caller
) -> TrainingSession:
    """The plan is good, and its trainers are free."""
    before = await TrainingSessions(session).get(id)
    trainers, seen = before.trainers, before.version
    # Two sessions with one trainer may be approved at the same moment: they meet here.
    await hold(session, f"training-session/{id}", *(f"trainer/{sub}" for sub in trainers))
    training_session = await begin(session, id, version, SessionAction.APPROVE)
    expect(seen, training_session.version)  # nobody exchanged the trainers while we waited
    await taught(session, training_session)
    slots = await TrainingSessions(session).slots(id)
    taken = await TrainingSessions(session).commitments(training_session.trainers, id)
    if rules.overlaps(slots, taken):
        raise ResourceConflict()
    return move(session, training_session, SessionAction.APPROVE, by=by)


async def open_registration(
    session: AsyncSession, id: UUID, *, version: int | None, by: Caller
) -> TrainingSession:
    """Groups may enrol from now on."""
    training_session = await begin(session, id, version, SessionAction.OPEN)
    closes_at = training_session.registration_closes_at
    if closes_at is not None and closes_at <= clock.now():
        raise RegistrationWindowPast()
    training_session.opened_at = training_session.opened_at or clock.now()
    return move(session, training_session, SessionAction.OPEN, by=by)


async def close_registration(
    session: AsyncSession, id: UUID, *, version: int | None, by: Caller
) -> TrainingSession:
    """Nobody enrols any more."""
    action = SessionAction.CLOSE_REGISTRATION
    training_session = await begin(session, id, version, action)
    return move(session, training_session, action, by=by)


def _raise(findings: Iterable[Finding]) -> None:
    found = list(findings)
    if found:
        raise ValidationFailed(findings=found)

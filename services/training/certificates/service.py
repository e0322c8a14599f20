"""How certificates are issued, and who may see them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.canonical import sha256
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, NotFound, ValidationFailed
from chassis.ids import new_code, new_id
from chassis.jose import Signer
from services.training.certificates import rules
from services.training.certificates.errors import CertificateExists, NotEligibleForCertificate
from services.training.certificates.models import CertificateCredential, TrainingCertificate
from services.training.certificates.repository import Certificates
from services.training.certificates.schemas import TrainingCertificateWrite
from services.training.certificates.states import LIFE, CertificateAction, CertificateStatus
from services.training.completions.models import CompletionDecision
from services.training.completions.repository import CompletionDecisions
from services.training.completions.schemas import CompletionOutcome
from services.training.enrolments.models import Delegation
from services.training.enrolments.repository import Delegations
from services.training.events import CertificateIssued, CertificateRevoked, outbox
from services.training.groups.models import KnownGroup
from services.training.history.repository import History
from services.training.sessions.models import TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.states import FINAL
from services.training.tools.models import Programme, ProgrammeVersion, ToolVersion
from services.training.tools.repository import Catalogue
from services.training.tools.schemas import CompletionRule

SUPERSEDED = "SUPERSEDED"


async def issue(
    session: AsyncSession,
    wish: TrainingCertificateWrite,
    *,
    signer: Signer,
    public_url: str,
    by: Caller,
) -> TrainingCertificate:
    """Certify what a group achieved; the manager who issues it has approved it thereby."""
    decision = await CompletionDecisions(session).find(wish.completion_decision_id)
    if decision is None:
        raise NotFound()
    training_session = await TrainingSessions(session).one_managed_by(
        decision.training_session_id, by
    )
    id = new_id()
    replaced = [f"training-certificate/{wish.supersedes}"] if wish.supersedes else []
    await hold(
        session, f"completion-decision/{decision.id}", f"training-certificate/{id}", *replaced
    )
    _demand_results(training_session, decision)
    await _make_room(session, decision, wish.supersedes, by)
    case = await _gather(session, decision, training_session)
    number = await Certificates(session).next_number(clock.now().year)
    certificate = _draft(case, id, number, supersedes=wish.supersedes, by=by)
    Certificates(session).add(certificate)
    for action in (CertificateAction.APPROVE, CertificateAction.ISSUE):
        move(session, certificate, action, by=by)
    await session.flush()
    session.add(_sign(case, certificate, signer, public_url))
    outbox.publish(session, id, CertificateIssued(**facts(certificate)))
    return certificate


def _demand_results(training_session: TrainingSession, decision: CompletionDecision) -> None:
    is_final = training_session.status in FINAL
    if not is_final or decision.outcome is CompletionOutcome.NOT_MET:
        raise NotEligibleForCertificate(
            outcome=decision.outcome.value, session_status=training_session.status.value
        )


async def _make_room(
    session: AsyncSession, decision: CompletionDecision, supersedes: UUID | None, by: Caller
) -> None:
    standing = await Certificates(session).standing(decision.id)
    if supersedes is None:
        if standing is not None:
            raise CertificateExists(certificate_id=str(standing.id))
        return
    if standing is None or standing.id != supersedes:
        raise ValidationFailed(findings=[Finding(code="NOT_STANDING", pointer="/supersedes")])
    move(session, standing, CertificateAction.SUPERSEDE, by=by, reason=SUPERSEDED)
    said = CertificateRevoked(**facts(standing), reason_code=SUPERSEDED)
    outbox.publish(session, standing.id, said)
    await session.flush()  # the old one steps down before the new one stands


@dataclass(frozen=True)
class _Case:
    """All that a certificate speaks of."""

    decision: CompletionDecision
    training_session: TrainingSession
    delegation: Delegation
    group: KnownGroup
    version: ProgrammeVersion
    programme: Programme
    tool: ToolVersion


async def _gather(
    session: AsyncSession, decision: CompletionDecision, training_session: TrainingSession
) -> _Case:
    delegation = await Delegations(session).get(decision.delegation_id)
    version = await session.get_one(ProgrammeVersion, training_session.programme_version_id)
    return _Case(
        decision=decision,
        training_session=training_session,
        delegation=delegation,
        group=await session.get_one(KnownGroup, delegation.group_id),
        version=version,
        programme=await Catalogue(session).programme(version.programme_code),
        tool=await session.get_one(ToolVersion, version.tool_version_id),
    )


def _draft(
    case: _Case, id: UUID, number: str, *, supersedes: UUID | None, by: Caller
) -> TrainingCertificate:
    valid_from = clock.now().replace(microsecond=0)  # a JWT counts in seconds
    return TrainingCertificate(
        id=id,
        number=number,
        verification_code=new_code("T"),
        completion_decision_id=case.decision.id,
        delegation_id=case.delegation.id,
        initiative_id=case.delegation.initiative_id,
        cooperative_id=case.delegation.cooperative_id,
        organisation_id=case.delegation.organisation_id,
        holder_name=case.group.name,
        programme_code=case.programme.code,
        programme_title=case.programme.title_fr,
        tool_code=case.programme.tool_code,
        outcome=case.decision.outcome,
        awarded_on=case.decision.decided_on,
        valid_from=valid_from,
        valid_until=rules.valid_until(valid_from, case.version.certificate_validity_months),
        status=CertificateStatus.ELIGIBLE,
        supersedes=supersedes,
        issued_by=by.sub,
    )


def _sign(
    case: _Case, certificate: TrainingCertificate, signer: Signer, public_url: str
) -> CertificateCredential:
    jwt = signer.token(rules.claims(rules.credential(_award(case, certificate), public_url)), None)
    return CertificateCredential(
        certificate_id=certificate.id,
        jwt=jwt,
        sha256=sha256(jwt.encode()),
        issuer=public_url,
        kid=signer.kid.rpartition("/")[2],
    )


def _award(case: _Case, certificate: TrainingCertificate) -> rules.Award:
    rule = CompletionRule.model_validate(case.decision.inputs["rule"])
    return rules.Award(
        certificate_id=certificate.id,
        number=certificate.number,
        verification_code=certificate.verification_code,
        delegation_id=certificate.delegation_id,
        holder_name=certificate.holder_name,
        programme_version_id=case.version.id,
        programme_title=certificate.programme_title,
        programme_semver=case.version.semver,
        criteria=rules.criteria(rule),
        attribution=case.tool.attribution,
        outcome=certificate.outcome,
        awarded_on=certificate.awarded_on,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        held_from=case.training_session.starts_at,
        held_until=case.training_session.ends_at,
        is_recorded_late=case.training_session.is_recorded_late,
    )


def move(
    session: AsyncSession,
    certificate: TrainingCertificate,
    action: CertificateAction,
    *,
    by: Caller,
    reason: str | None = None,
    note: str | None = None,
) -> None:
    """Take one step in the life of a certificate; `reason` is the public code, `note` is not."""
    before = certificate.status
    certificate.status = LIFE.move(before, action)
    certificate.status_reason = reason
    certificate.version += 1
    subject, moved = f"training-certificate/{certificate.id}", (before, certificate.status)
    History(session).note(subject, action, moved, by=by.sub, reason=note or reason)


def facts(certificate: TrainingCertificate) -> dict[str, Any]:
    """What every event about a certificate says."""
    until = certificate.valid_until
    return {
        "certificate_id": certificate.id,
        "delegation_id": certificate.delegation_id,
        "initiative_id": certificate.initiative_id,
        "cooperative_id": certificate.cooperative_id,
        "organisation_id": certificate.organisation_id,
        "tool_code": certificate.tool_code,
        "programme_code": certificate.programme_code,
        "outcome": certificate.outcome.value,
        "awarded_on": certificate.awarded_on,
        "valid_until": until.date() if until is not None else None,
    }

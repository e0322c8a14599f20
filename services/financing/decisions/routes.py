"""Decisions: a lender's word, given once and provably."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.bodies import Json
from chassis.canonical import fingerprint
from chassis.db import Session, hold
from chassis.errors import (
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Problem,
    ValidationFailed,
)
from chassis.idempotency import Act, Replayed
from chassis.openapi import problems
from chassis.pages import List, Page
from chassis.parameters import PathId
from chassis.tools import Sentences, Signing, Spoken
from chassis.versions import IfMatch, etag
from services.financing.assignments.errors import (
    AssignmentAlreadyDecided,
    AssignmentExpired,
    AssignmentRecalled,
)
from services.financing.assignments.routes import DecidableAssignment
from services.financing.ceilings.errors import CeilingUnavailable
from services.financing.decisions import service
from services.financing.decisions.errors import (
    AcceptedTermsProtected,
    DecisionRefConflict,
    DossierChanged,
    SignatureInvalid,
    SignatureInvalidClaim,
    SignatureKeyNotYetValid,
    SignatureKeyRevoked,
    SignatureMalformed,
    SignatureMissing,
    SignatureMissingClaim,
    SupersedeConflict,
)
from services.financing.decisions.models import LenderDecision
from services.financing.decisions.records import Received
from services.financing.decisions.repository import Decisions
from services.financing.decisions.schemas import (
    DecisionAnswer,
    DecisionRead,
    DecisionWrite,
    SignatureTest,
)
from services.financing.decisions.service import Desk
from services.financing.decisions.signatures import (
    LenderKeys,
    Sealed,
    Signature,
    open_envelope,
)
from services.financing.errors import FourEyes, LenderRequired
from services.financing.offers.repository import Offers
from services.financing.scopes import LenderDecider, LenderReader

router = APIRouter(prefix="/v1", tags=["lender"])
Said = Annotated[DecisionWrite, Json(DecisionWrite)]
_RECOVERED: dict[int | str, dict[str, Any]] = {
    200: {"model": DecisionAnswer, "description": "the same reference under another key"}
}
_SIGNATURE = (
    SignatureMissing,
    SignatureMalformed,
    SignatureMissingClaim,
    SignatureInvalidClaim,
    SignatureInvalid,
    SignatureKeyNotYetValid,
    SignatureKeyRevoked,
)


async def _not_yet_said(
    session: Session,
    lender: LenderDecider,
    assignment: DecidableAssignment,
    signed: Signature,
    said: Said,
) -> None:
    """The same reference, sent again under another key: the first answer, before any
    precondition, so that a lender which lost the answer and the key can recover."""
    await hold(session, f"decision/{lender.id}/{said.lender_decision_ref}")
    known = await Decisions(session).by_ref(lender.id, said.lender_decision_ref)
    if known is None:
        return
    is_same = known.fingerprint == fingerprint(signed.raw)
    if not is_same or known.assignment_id != assignment.id:
        raise DecisionRefConflict(decision_id=str(known.id))
    headers = {"Location": _address(known.id), "Idempotency-Replayed": "true"}
    raise Replayed(Response(known.answer, 200, headers, "application/json"))


async def _desk(request: Request, signer: Signing, texts: Sentences, language: Spoken) -> Desk:
    return Desk(signer, str(request.app.state.settings.public_url), texts, language)


def _address(id: UUID) -> str:
    return f"/v1/lender/decisions/{id}"


@router.post(
    "/lender/assignments/{id}/decisions",
    status_code=201,
    response_model=DecisionAnswer,
    responses=_RECOVERED
    | problems(
        *(NotFound, *_SIGNATURE, PreconditionRequired, PreconditionFailed, DossierChanged),
        *(AssignmentAlreadyDecided, AssignmentExpired, AssignmentRecalled, DecisionRefConflict),
        *(SupersedeConflict, AcceptedTermsProtected, FourEyes, ValidationFailed),
        CeilingUnavailable,
    ),
)
async def decide_assignment(
    session: Session,
    _: LenderDecider,
    assignment: DecidableAssignment,
    signed: Signature,
    act: Act,
    said: Said,
    __: Annotated[None, Depends(_not_yet_said)],
    version: IfMatch,
    desk: Annotated[Desk, Depends(_desk)],
) -> Response:
    """Decide, once: the body is signed (`x-jws-signature`: detached ES256 over the raw bytes, with
    `kid`, `iat`, `htm`, `htu`, `aud` and `idk` in its protected header), and the answer carries
    our signed receipt."""
    received = Received(said, signed)
    changed, answer = await service.record(
        session, assignment, received, version=version, desk=desk
    )
    headers = {"Location": _address(answer.decision_id), "ETag": etag(changed.version)}
    return await act.answer(201, answer, headers=headers)


@router.get("/lender/decisions")
async def list_lender_decisions(
    session: Session,
    lender: LenderReader,
    window: List,
    response: Response,
    lender_decision_ref: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[DecisionRead]:
    """Your decisions; by your own reference when an answer was lost."""
    after = UUID(window.after[0]) if window.after else None
    rows = await Decisions(session).page(
        lender.id, after=after, limit=window.limit, ref=lender_decision_ref
    )
    reads = [await _read(session, row) for row in rows]
    return Page(**window.page(reads, lambda row: [str(row.decision_id)], response))


@router.get("/lender/decisions/{id}", responses=problems(NotFound))
async def read_decision(session: Session, lender: LenderReader, id: PathId) -> DecisionRead:
    """One of your decisions, with what became of its offer."""
    decision = await Decisions(session).one_of(id, lender.id)
    return await _read(session, decision)


async def _read(session: Session, decision: LenderDecision) -> DecisionRead:
    offer = await Offers(session).of_decision(decision.id)
    fields = decision.model_dump(exclude={"id", "payload", "answer"})
    return DecisionRead(
        **{name: value for name, value in fields.items() if name in DecisionRead.model_fields},
        decision_id=decision.id,
        supersedes=decision.supersedes_id,
        offer_id=offer.id if offer else None,
        offer_status=offer.status if offer else None,
    )


@router.post("/lender/signature-tests", responses=problems(LenderRequired))
async def try_signature(_: LenderDecider, keys: LenderKeys, envelope: Sealed) -> SignatureTest:
    """Try your signature on any body: which step fails, if one does. Nothing is recorded."""
    try:
        await open_envelope(envelope, keys)
    except Problem as refusal:
        step = refusal.code.removeprefix("SIGNATURE_")
        return SignatureTest(is_valid=False, failed_step=step, claim=refusal.members.get("claim"))
    return SignatureTest(is_valid=True, failed_step=None, claim=None)

"""Remarks point at something, are answered one by one, and the next reviewer sees what changed."""

from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding
from chassis.ids import new_id
from chassis.vault import Vault
from services.registry.code_lists.repository import Codes
from services.registry.fields import FilingType
from services.registry.filings.models import Filing
from services.registry.formalities import FORMALITIES
from services.registry.persons import service as persons
from services.registry.persons.repository import PersonKeys
from services.registry.remarks.models import RemarkAnswer, ReviewSnapshot
from services.registry.remarks.repository import Remarks
from services.registry.remarks.rules import MOST_POINTERS, answers, changed, leads_somewhere
from services.registry.remarks.schemas import (
    AnswerWrite,
    DifferencesRead,
    RemarkFollowed,
)
from services.registry.reviews.models import Review
from services.registry.reviews.schemas import Remark, RemarkAnswered

DOCUMENTS = "document-types"


@cache
def schema_of(type: str) -> dict[str, Any]:
    """What a filing of a type may say, as JSON Schema."""
    payload = FORMALITIES[FilingType(type)].payload.model_json_schema()
    said = {"effective_on": {"type": "string"}, "payload": payload}
    return {"$defs": payload.get("$defs", {}), "properties": said}


async def misplaced(
    session: AsyncSession, filing: Filing, remarks: Sequence[Remark], known_codes: set[str]
) -> list[Finding]:
    """What is wrong with the places and codes of remarks: each names something that exists."""
    body = {"effective_on": filing.effective_on, "payload": filing.payload}
    rules = await Remarks(session).rules_in_force([r.rule for r in remarks if r.rule])
    asked = [r.document_code for r in remarks if r.document_code]
    documents = await Codes(session).known(DOCUMENTS, asked)
    documents |= {piece["code"] for piece in filing.payload.get("documents") or []}
    found = []
    for n, remark in enumerate(remarks):
        wrong = {
            "pointer": not leads_somewhere(remark.pointer, schema_of(filing.type), body),
            "rule": remark.rule is not None and remark.rule not in rules,
            "code": remark.code is not None and remark.code not in known_codes,
            "document_code": remark.document_code not in {None, *documents},
        }
        found += [
            Finding(code=_REFUSED[name], pointer=f"/remarks/{n}/{name}")
            for name, is_wrong in wrong.items()
            if is_wrong
        ]
    return found


_REFUSED = {
    "pointer": "REMARK_POINTS_NOWHERE",
    "rule": "RULE_UNKNOWN",
    "code": "REMARK_CODE_UNKNOWN",
    "document_code": "DOCUMENT_CODE_UNKNOWN",
}


def keep(session: AsyncSession, review: Review, filing: Filing) -> None:
    """Remember what a file said when it was sent back."""
    Remarks(session).add(
        ReviewSnapshot(
            review_id=review.id,
            filing_id=filing.id,
            effective_on=filing.effective_on,
            payload=filing.payload,
        )
    )


async def _differences(
    session: AsyncSession, filing: Filing, snapshot: ReviewSnapshot, vault: Vault
) -> list[str]:
    then = await persons.reveal(session, snapshot.payload, filing.id, vault)
    now = await persons.reveal(session, filing.payload, filing.id, vault)
    before = {"effective_on": snapshot.effective_on, "payload": then}
    after = {"effective_on": filing.effective_on, "payload": now}
    return list(changed(before, after))


async def open_points(
    session: AsyncSession, filing: Filing, said: Sequence[AnswerWrite], vault: Vault
) -> list[Finding]:
    """What keeps a file from coming back: each remark is answered by a change at its place or by
    a sentence, and no answer is about a remark that was not made."""
    # what never arrived was never sent back
    review = await Remarks(session).last_return(filing.id) if filing.arrival_number else None
    remarks = review.remarks if review else []
    found = _misanswered(said, len(remarks))
    snapshot = await Remarks(session).snapshot(review.id) if review else None
    if snapshot is None:
        return found
    differences = await _differences(session, filing, snapshot, vault)
    told = {answer.remark for answer in said}
    for number, remark in enumerate(remarks, 1):
        if number not in told and not answers(remark, differences):
            params = {"remark": number, "place": remark.get("pointer") or "-"}
            found.append(Finding(code="REMARK_UNANSWERED", pointer="/answers", params=params))
    return found


def _misanswered(said: Sequence[AnswerWrite], count: int) -> list[Finding]:
    seen: set[int] = set()
    found = []
    for n, answer in enumerate(said):
        if answer.remark > count:
            found.append(Finding(code="REMARK_UNKNOWN", pointer=f"/answers/{n}/remark"))
        elif answer.remark in seen:
            found.append(Finding(code="REMARK_ANSWERED_TWICE", pointer=f"/answers/{n}/remark"))
        seen.add(answer.remark)
    return found


async def answer(
    session: AsyncSession, filing: Filing, said: Sequence[AnswerWrite], vault: Vault, *, by: Caller
) -> None:
    """Keep the answers to the last review."""
    review = await Remarks(session).last_return(filing.id) if said else None
    if review is None:
        return
    key = await PersonKeys(session, vault).of_texts(filing.id)
    for one in said:
        kept = RemarkAnswer(
            id=new_id(),
            review_id=review.id,
            remark=one.remark,
            message=key.seal(one.message, _place(review.id, one.remark)),
            by_sub=by.sub,
            at=clock.now(),
        )
        Remarks(session).add(kept)


def _place(review_id: UUID, remark: int) -> str:
    return f"remark/{review_id}/{remark}"


async def answered(
    session: AsyncSession, reviews: Sequence[UUID], vault: Vault
) -> dict[UUID, list[RemarkAnswered]]:
    """What was said to each of these reviews, in words."""
    rows = await Remarks(session).answers(reviews)
    sealed = {_place(row.review_id, row.remark): row.message for row in rows}
    texts = await persons.open_texts(session, sealed, vault)
    found: dict[UUID, list[RemarkAnswered]] = {id: [] for id in reviews}
    for row in rows:
        message = texts[_place(row.review_id, row.remark)]
        found[row.review_id].append(RemarkAnswered(remark=row.remark, message=message, at=row.at))
    return found


async def changes(session: AsyncSession, filing: Filing, vault: Vault) -> DifferencesRead:
    """What changed since the file was last sent back, and what was said to each remark."""
    review = await Remarks(session).last_return(filing.id)
    snapshot = await Remarks(session).snapshot(review.id) if review else None
    if review is None or snapshot is None:
        return DifferencesRead(
            review_id=None, reviewed_at=None, pointers=[], are_all_shown=True, remarks=[]
        )
    differences = await _differences(session, filing, snapshot, vault)
    answers = await answered(session, [review.id], vault)
    said = {one.remark: one for one in answers[review.id]}
    return DifferencesRead(
        review_id=review.id,
        reviewed_at=review.at,
        pointers=list(islice(differences, MOST_POINTERS)),
        are_all_shown=len(differences) <= MOST_POINTERS,
        remarks=[_followed(n, r, differences, said) for n, r in enumerate(review.remarks, 1)],
    )


def _followed(
    number: int, remark: dict[str, Any], differences: Sequence[str], said: dict[int, RemarkAnswered]
) -> RemarkFollowed:
    return RemarkFollowed(
        number=number,
        pointer=remark.get("pointer") or "",
        document_code=remark.get("document_code"),
        is_changed=answers(remark, differences),
        answer=said[number].message if number in said else None,
    )

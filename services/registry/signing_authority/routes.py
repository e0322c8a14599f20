"""May these persons bind this cooperative? A signed answer, for banks and for whoever else asks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis.answers import describe
from chassis.bodies import Json, RawBody
from chassis.canonical import fingerprint
from chassis.db import Session
from chassis.errors import NotFound, ValidationFailed
from chassis.openapi import problems
from chassis.parameters import PathId
from chassis.tools import PublicBase, Sentences, Signing, Spoken
from services.registry.history.repository import demand
from services.registry.scopes import Anybody
from services.registry.signing_authority import service
from services.registry.signing_authority.schemas import CheckRead, CheckWrite

router = APIRouter(prefix="/v1", tags=["cooperatives"])


async def _known(session: Session, _: Anybody, id: PathId) -> UUID:
    await demand(session, id)
    return id


@router.post(
    "/cooperatives/{id}/signing-authority-checks",
    responses=problems(NotFound, ValidationFailed),
)
async def check_signing_authority(
    session: Session,
    by: Anybody,
    id: Annotated[UUID, Depends(_known)],
    asked: Annotated[CheckWrite, Json(CheckWrite)],
    raw: RawBody,
    signer: Signing,
    base: PublicBase,
    catalogue: Sentences,
    language: Spoken,
    response: Response,
) -> CheckRead:
    """May these persons, together, bind this cooperative for this amount on this day? The answer
    rests on the mandates and the statutes on record, shows both, and is signed for whoever asks.
    Any token will do: all of it is public, and asking is counted. Nothing is stored."""
    checked = await service.check(session, id, asked)
    statement = service.signed(checked, signer, base=base, question=fingerprint(raw), by=by)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Language"] = language
    return CheckRead.model_validate(
        {
            **checked.facts,
            "reasons": describe(catalogue, language, checked.verdict.reasons),
            "statement": statement,
            "kid": signer.kid,
        }
    )

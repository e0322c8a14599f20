"""One view of a cooperative: three services are asked at once, and whoever sleeps is left out."""

from collections.abc import Awaitable
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from chassis.errors import NotFound
from chassis.pages import Page
from gateway.overview.asking import Asker, Away, together
from gateway.overview.schemas import (
    ApplicationCard,
    CertificateCard,
    DelegationCard,
    FinancingCard,
    FinancingGlance,
    FinancingPart,
    Overview,
    PartStatus,
    RecordCard,
    RegistryPart,
    SessionCard,
    TrainingGlance,
    TrainingPart,
)

T = TypeVar("T")
C = TypeVar("C", bound=BaseModel)
_ROWS = 20  # of each list; its `next` leads on


async def look(id: UUID, asker: Asker) -> Overview:
    """What each service says, or that it does not; only the register says whether it exists."""
    registry, training, financing = await together(
        _part(_record(id, asker)),
        _part(_training(id, asker)),
        _part(_financing(id, asker)),
    )
    parts = (registry, training, financing)
    return Overview(
        cooperative_id=id,
        is_partial=any(status is PartStatus.UNAVAILABLE for status, _ in parts),
        registry=RegistryPart(status=registry[0], data=registry[1]),
        training=TrainingPart(status=training[0], data=training[1]),
        financing=FinancingPart(status=financing[0], data=financing[1]),
    )


async def _part(asked: Awaitable[T | None]) -> tuple[PartStatus, T | None]:
    try:
        found = await asked
    except Away:
        return PartStatus.UNAVAILABLE, None
    return (PartStatus.FORBIDDEN if found is None else PartStatus.OK), found


async def _record(id: UUID, asker: Asker) -> RecordCard | None:
    return await asker.get("registry", f"/v1/cooperatives/{id}", RecordCard)


async def _training(id: UUID, asker: Asker) -> TrainingGlance | None:
    delegations, sessions, certificates = await together(
        _listed(asker, "training", f"delegations?cooperative_id={id}", DelegationCard),
        _listed(asker, "training", f"training-sessions?cooperative_id={id}", SessionCard),
        _listed(asker, "training", f"training-certificates?cooperative_id={id}", CertificateCard),
    )
    if delegations is sessions is certificates is None:
        return None
    return TrainingGlance(delegations=delegations, sessions=sessions, certificates=certificates)


async def _financing(id: UUID, asker: Asker) -> FinancingGlance | None:
    applications, financings = await together(
        _listed(asker, "financing", f"financing-applications?cooperative_id={id}", ApplicationCard),
        _listed(asker, "financing", f"financings?cooperative_id={id}", FinancingCard),
    )
    if applications is financings is None:
        return None
    return FinancingGlance(applications=applications, financings=financings)


async def _listed(asker: Asker, service: str, query: str, card: type[C]) -> Page[C] | None:
    try:
        return await asker.get(service, f"/v1/{query}&limit={_ROWS}", Page[card])  # type: ignore[valid-type]
    except NotFound as error:  # a service of another edition than ours has no such list
        raise Away() from error

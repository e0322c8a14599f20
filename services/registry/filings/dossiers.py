"""What a filing declares, what it is about, and what is found about it today."""

from collections.abc import Sequence
from typing import Any

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.vault import Vault
from services.registry.code_lists.models import Division
from services.registry.cooperatives.models import Cooperative
from services.registry.cooperatives.repository import Cooperatives
from services.registry.cooperatives.service import blinds_of, refuse_if_closed
from services.registry.fields import UNCLAIMED, FilingType
from services.registry.filings.models import Filing
from services.registry.formalities import FORMALITIES
from services.registry.law.service import Subject, examine, seat
from services.registry.persons import service as persons
from services.registry.scopes import FILE


async def declared(session: AsyncSession, filing: Filing, vault: Vault) -> Any:
    """What the filing declares, with its personal fields open, for the rules."""
    model = FORMALITIES[FilingType(filing.type)].payload
    return check(model, await persons.reveal(session, filing.payload, filing.id, vault))


async def about(session: AsyncSession, filing: Filing) -> Cooperative | None:
    """The cooperative that a filing is about, as it is now; none for one that begins."""
    if FORMALITIES[FilingType(filing.type)].begins or filing.cooperative_id is None:
        return None
    return await Cooperatives(session).get(filing.cooperative_id)


async def examine_filing(
    session: AsyncSession, filing: Filing, declaration: Any, vault: Vault
) -> list[Finding]:
    """Every finding about a filing, today."""
    type = FilingType(filing.type)
    cooperative = await about(session, filing)
    if cooperative is not None:
        refuse_if_closed(cooperative.life, type)
    subject = Subject(
        type,
        filing.effective_on,
        filing.initiative_id,
        _register_of(filing, await seat(session, declaration)),
        arrived_on=clock.day_of(filing.submitted_at) if filing.submitted_at else None,
        cooperative=cooperative,
        blinds=blinds_of(type, declaration, vault),
    )
    return [*_of_owner(filing, cooperative), *await examine(session, declaration, subject)]


def _of_owner(filing: Filing, cooperative: Cooperative | None) -> list[Finding]:
    """Who was named wrongly as owner changes nothing by what they began: the record is no longer
    theirs, and what is not theirs looks like none."""
    is_own = FORMALITIES[FilingType(filing.type)].scope == FILE
    if cooperative is None or not is_own or filing.organisation_id.startswith(UNCLAIMED):
        return []
    if filing.organisation_id == cooperative.organisation_id:
        return []
    return [Finding(code="COOPERATIVE_UNKNOWN", pointer="/cooperative_id")]


def _register_of(filing: Filing, commune: Division | None) -> str | None:
    """The authority in whose register the file lies: where it arrived, or where it was moved."""
    arrived = (filing.arrival_number or "").partition("/")[0]
    is_home = commune is not None and commune.authority_code == arrived
    return arrived if is_home else filing.authority_code


async def examined(
    session: AsyncSession,
    filing: Filing,
    declaration: Any,
    vault: Vault,
    also: Sequence[Finding] = (),
) -> list[Finding]:
    """The warnings about a filing; `ValidationFailed` with every finding when one blocks."""
    findings = [*await examine_filing(session, filing, declaration, vault), *also]
    if any(finding.severity == "BLOCK" for finding in findings):
        raise ValidationFailed(findings=findings)
    return findings


def is_filer(filing: Filing, caller: Caller) -> bool:
    """Whether the filing is the caller's own, or their organisation's: they know its persons. A
    ministry is no such organisation: its agents know what each of them works on."""
    is_own = caller.organisation_id == filing.organisation_id and caller.has(FILE)
    return is_own or caller.sub == filing.created_by

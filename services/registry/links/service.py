"""How an account becomes a person of the register: by a code that somebody who knows the person
handed to them, and by nothing that the register itself could guess."""

from datetime import timedelta

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_code, new_id
from chassis.vault import Vault
from services.registry.cooperatives.models import Member
from services.registry.links.errors import LinkCodeOwn
from services.registry.links.models import MemberLink
from services.registry.links.repository import Links
from services.registry.links.schemas import LinkCodeWrite
from services.registry.retention.repository import days_of


async def issue(
    session: AsyncSession, member: Member, said: LinkCodeWrite, *, by: Caller, vault: Vault
) -> tuple[MemberLink, str]:
    """A code for a member, to be handed to them."""
    code, now = new_code("M"), clock.now()
    days = await days_of(session, "LINK_CODE")
    link = MemberLink(
        id=new_id(),
        member_id=member.id,
        ground=said.ground,
        code_blind=vault.blind(_named(code)),
        issued_by=by.sub,
        issued_at=now,
        expires_at=now + timedelta(days=days),
    )
    return Links(session).add(link), code


def _named(code: str) -> str:
    return f"member-link:{code}"


async def claim(session: AsyncSession, code: str, *, by: Caller, vault: Vault) -> MemberLink:
    """The account that holds the code is the member, and the one that was before is no longer."""
    links, blinds = Links(session), vault.blinds(_named(code.strip().upper()))
    found = await links.by_code(blinds)
    if found is None:
        raise _unknown()
    await hold(session, f"member/{found.member_id}")
    link = await links.by_code(blinds)
    if link is None or link.claimed_at or link.ended_at or link.expires_at <= clock.now():
        raise _unknown()
    if link.issued_by == by.sub:
        raise LinkCodeOwn()
    await links.end_others(link)
    link.sub, link.claimed_at = by.sub, clock.now()
    return link


def _unknown() -> ValidationFailed:
    # unknown, used and expired look the same: a code that was guessed learns nothing
    return ValidationFailed(findings=[Finding(code="LINK_CODE_INVALID", pointer="/code")])

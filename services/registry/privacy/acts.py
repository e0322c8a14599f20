"""What a granted request does: new values sealed, or the key of a person deleted."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from chassis import clock
from chassis.data_keys import DataKey
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.phones import normal_phone
from chassis.vault import Vault
from services.registry.cooperatives.models import Member
from services.registry.links.repository import Links
from services.registry.persons.repository import PersonKeys, Persons
from services.registry.persons.rules import digits
from services.registry.privacy.models import PrivacyAct, PrivacyActKind
from services.registry.privacy.rules import against_erasure, against_rectification
from services.registry.privacy.schemas import Changes

TOMBSTONE = "—"  # in the place of a name that was erased
_NUMBERS = ("nin", "phone", "birth_date")


def act_on(member: Member, kind: PrivacyActKind, fields: Sequence[str]) -> PrivacyAct:
    """The record of an act on a member's data."""
    return PrivacyAct(
        id=new_id(), at=clock.now(), kind=kind, member_id=member.id, fields=list(fields)
    )


async def key_for(session: AsyncSession, member: Member, vault: Vault) -> DataKey:
    """The key of a member's own row; a first one for who came before there were any."""
    keys = PersonKeys(session, vault)
    found = await keys.of_member(member.id)
    if found is None and await keys.is_forgotten(member.id):
        raise ValidationFailed(findings=[Finding(code="PERSON_ERASED", pointer="/member_id")])
    key = found or keys.for_member(member.id)
    await keys.keep()
    return key


async def rectify(
    session: AsyncSession, member: Member, changes: Changes, vault: Vault
) -> PrivacyAct:
    """Put right what the person says is wrong; a published name is changed by a filing."""
    persons = Persons(session)
    is_published = await persons.was_published(member.id)
    found = list(against_rectification(changes, is_published=is_published))
    if changes.nin:
        found += await _taken(persons, member, changes.nin, vault)
    if found:
        raise ValidationFailed(findings=found)
    key = await key_for(session, member, vault)
    said = changes.model_dump(mode="json", exclude_none=True)
    for name, value in said.items():
        _put(member, name, value, key)
    if changes.nin:
        member.nin_blind = vault.blind(digits(changes.nin))
    member.blur = uuid4()  # what stood there before is not to be guessed either
    if changes.birth_date and not changes.birth_year:
        member.birth_year = changes.birth_date.year
    return act_on(member, PrivacyActKind.RECTIFIED, sorted(said))


async def _taken(persons: Persons, member: Member, nin: str, vault: Vault) -> list[Finding]:
    blinds = vault.blinds(digits(nin))
    others = set(await persons.bears(member.cooperative_id, blinds)) - {member.id}
    return [Finding(code="MEMBER_DUPLICATE", pointer="/changes/nin")] if others else []


def _put(member: Member, name: str, value: object, key: DataKey) -> None:
    if name not in _NUMBERS:
        setattr(member, name, value)
        return
    plain = str(value)
    if name == "nin":
        plain = digits(plain)
    elif name == "phone":
        plain = normal_phone(plain) or plain
    setattr(member, f"{name}_sealed", key.seal(plain, f"member/{member.id}/{name}"))


async def erase(session: AsyncSession, member: Member, vault: Vault) -> PrivacyAct:
    """Forget a person who left, unless the law keeps them: see `against_erasure`."""
    is_officer = await Persons(session).was_published(member.id)
    found = list(against_erasure(member, is_officer=is_officer))
    if found:
        raise ValidationFailed(findings=found)
    member.birth_year = None
    return await forget(session, member, vault, PrivacyActKind.ERASED)


async def forget(
    session: AsyncSession, member: Member, vault: Vault, kind: PrivacyActKind
) -> PrivacyAct:
    """Delete the keys of a member, here and in every filing; a name that was published stays."""
    fields = [*_NUMBERS]
    if not await Persons(session).was_published(member.id):
        member.family_name = member.given_names = TOMBSTONE
        fields += ["family_name", "given_names"]
    member.nin_sealed = member.phone_sealed = member.birth_date_sealed = member.nin_blind = None
    member.blur = None
    await session.flush()
    keys = PersonKeys(session, vault)
    if not await keys.forget(member_id=member.id):
        keys.tombstone(member.id)
    await Links(session).end_of_member(member.id)
    return act_on(member, kind, fields)


def named(act: PrivacyAct, *, request_id: UUID | None, by: str | None) -> PrivacyAct:
    """The act, with who did it and which request asked for it."""
    act.request_id, act.by_sub = request_id, by
    return act

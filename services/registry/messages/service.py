"""Filers and agents write to each other about a file that has arrived."""

from collections.abc import Mapping
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.vault import Vault
from services.registry.desk.reports import is_at_work
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.messages.errors import NotYetSubmitted, TooManyMessages
from services.registry.messages.models import Message, Side
from services.registry.messages.repository import Messages
from services.registry.messages.schemas import MessageRead, MessageWrite, ReadMarkRead
from services.registry.persons import service as persons
from services.registry.persons.repository import PersonKeys

MOST = 500


def side_of(filing: Filing, caller: Caller) -> Side:
    """Agents of the file's territory are one side, its filers the other. Who had a hand in the
    filing is never on the agents' side, whatever their scopes."""
    is_filer = caller.sub in filing.filers or caller.organisation_id == filing.organisation_id
    return Side.AGENTS if is_at_work(filing, caller) and not is_filer else Side.FILERS


async def send(
    session: AsyncSession, id: UUID, said: MessageWrite, vault: Vault, *, by: Caller
) -> Message:
    """Write a message; whoever writes has read what was there before."""
    filing = await Filings(session).lock_in_view(id, by)
    if filing.arrival_number is None:
        raise NotYetSubmitted(current_status=filing.status.value)
    messages, side = Messages(session), side_of(filing, by)
    if await messages.count(id) >= MOST:
        raise TooManyMessages(most=MOST)
    if said.is_internal and side == Side.FILERS:
        refusal = Finding(code="INTERNAL_NOTE_NOT_YOURS", pointer="/is_internal")
        raise ValidationFailed(findings=[refusal])
    key = await PersonKeys(session, vault).of_texts(id)
    message = messages.add(
        Message(
            id=(own := new_id()),
            filing_id=id,
            side=side,
            is_internal=said.is_internal,
            text=key.seal(said.text, _place(own)),
            by_sub=by.sub,
            at=clock.now(),
        )
    )
    await session.flush()
    await messages.mark(message, by.sub, side)
    return message


def _place(id: UUID) -> str:
    return f"message/{id}"


async def shown(
    session: AsyncSession,
    filing: Filing,
    window: tuple[UUID | None, int],
    vault: Vault,
    *,
    caller: Caller,
) -> list[MessageRead]:
    """A page of messages, as the caller's side sees them."""
    side, messages = side_of(filing, caller), Messages(session)
    read = await messages.read_through(filing.id)
    rows = await messages.of_filing(filing.id, side, *window)
    texts = await persons.open_texts(session, {_place(row.id): row.text for row in rows}, vault)
    return [
        _opened(row, texts[_place(row.id)], side, caller, _other_has_read(row, read))
        for row in rows
    ]


def _other_has_read(row: Message, read: Mapping[Side, UUID]) -> bool:
    through = read.get(Side.AGENTS if row.side == Side.FILERS else Side.FILERS)
    return through is not None and row.id <= through


def _opened(row: Message, text: str, side: Side, caller: Caller, is_read: bool) -> MessageRead:
    return MessageRead(
        **row.model_dump(include={"id", "side", "is_internal", "at"}),
        is_mine=row.by_sub == caller.sub,
        author_id=row.by_sub if row.side == side else None,
        text=text,
        is_read=is_read,
    )


async def mark(
    session: AsyncSession, filing: Filing, message_id: UUID, *, by: Caller
) -> ReadMarkRead:
    """The caller has read up to a message; a mark never goes back."""
    messages, side = Messages(session), side_of(filing, by)
    message = await messages.one(filing.id, message_id, side)
    if message is None:
        unknown = Finding(code="MESSAGE_UNKNOWN", pointer="/message_id")
        raise ValidationFailed(findings=[unknown])
    await messages.mark(message, by.sub, side)
    left = await messages.unread(filing.id, by.sub, side)
    return ReadMarkRead(filing_id=filing.id, message_id=message_id, unread_count=left)

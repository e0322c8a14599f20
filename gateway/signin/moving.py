"""Another address for one's own account: asked for with the password, good once a code that went
there has come back. Until then, and for ever if it does not, the earlier one stays."""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.vault import Vault
from gateway.accounts import codes
from gateway.accounts.models import Account, AccountStatus, CodePurpose
from gateway.audit.service import note
from gateway.notices import service as notices
from gateway.notices.models import NoticeKind
from gateway.signin import attempts
from gateway.signin.telling import themselves
from gateway.texts import Address
from gateway.users import addresses
from gateway.users.letters import confirm_address, write_to
from gateway.users.repository import Users
from gateway.users.service import target

_LETTERS = 3  # in a quarter of an hour: from one account, and to one address
_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)


def address_in(typed: str) -> str | None:
    """The address that somebody typed; None for what is none."""
    try:
        return _ADDRESS.validate_python(typed.strip())
    except ValidationError:
        return None


async def may_write(session: AsyncSession, vault: Vault, account_id: str, address: str) -> bool:
    """Count a letter; False when strangers would be bothered with too many."""
    counts = (f"letters of:{account_id}", f"letters to:{address.lower()}")
    return all([await attempts.attempt(session, vault.blind(one), _LETTERS) for one in counts])


async def ask(session: AsyncSession, account: Account, address: str, *, vault: Vault) -> None:
    """Send a code there. Whose it is besides is not looked at: the answer would tell."""
    addresses.propose(account, address, vault)
    await confirm_address(session, account, address, vault=vault)
    note(session, "ADDRESS_CHANGE_ASKED", target(account), by=themselves(account))


async def awaited(session: AsyncSession, account: Account, vault: Vault) -> str | None:
    """The address from which a code may still come back."""
    if not await codes.is_awaited(session, account.id, CodePurpose.ADDRESS_CHANGE):
        return None
    return addresses.proposed(account, vault)


async def confirm(state: Any, account_id: str, code: str) -> str:
    """Make it the account's address; why not, or nothing."""
    try:
        async with state.database.transaction() as session:
            account = await Users(session).lock(account_id)
            return await _confirm(session, account, code, vault=state.vault)
    except IntegrityError:  # somebody else proved to hold it in the same moment
        return "address_taken"


async def _confirm(session: AsyncSession, account: Account, code: str, *, vault: Vault) -> str:
    address = await awaited(session, account, vault)
    wanted = (CodePurpose.ADDRESS_CHANGE,)
    whose = await codes.owner(session, code, wanted)
    is_theirs = whose is not None and whose.account_id == account.id
    if address is None or account.status != AccountStatus.ACTIVE or not is_theirs:
        return "code_wrong"
    if await Users(session).is_address_taken(addresses.blind(address, vault), but_by=account.id):
        return "address_taken"
    await codes.redeem(session, code, wanted)
    write_to(session, account, NoticeKind.OWN_ADDRESS_CHANGED, vault=vault)
    addresses.keep(account, address, vault)
    account.email_pending = None
    account.version += 1
    # what went to the old address opens nothing any more
    await codes.void(session, account.id)
    await notices.withdraw(session, account.id)
    note(session, "ADDRESS_CHANGED", target(account), by=themselves(account))
    return ""

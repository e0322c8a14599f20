"""Addresses of persons: sealed where they are kept, found by a keyed hash."""

from chassis.vault import Vault
from gateway.accounts.models import Account


def _context(account_id: str) -> str:
    return f"account:{account_id}:email"


def blind(address: str, vault: Vault) -> str:
    """Equal for equal addresses, however they are written."""
    return vault.blind(f"email:{address.lower()}")


def keep(account: Account, address: str, vault: Vault) -> None:
    """Make it the account's address."""
    account.email_sealed = vault.seal(address, _context(account.id))
    account.email_blind = blind(address, vault)


def forget(account: Account) -> None:
    """Who has left is not written to any more."""
    account.email_sealed = account.email_blind = account.email_pending = None


def propose(account: Account, address: str, vault: Vault) -> None:
    """Remember what the person wants it to be, until they have proved to read what comes there."""
    account.email_pending = vault.seal(address, _pending(account.id))


def proposed(account: Account, vault: Vault) -> str | None:
    """What the person wants it to be."""
    sealed = account.email_pending
    return vault.open(sealed, _pending(account.id)) if sealed else None


def _pending(account_id: str) -> str:
    return f"account:{account_id}:email-pending"


def reveal(account: Account, vault: Vault) -> str | None:
    """The address, for those who may see it."""
    return vault.open(account.email_sealed, _context(account.id)) if account.email_sealed else None


def hint(account: Account, vault: Vault) -> str | None:
    """The address as it is shown to applications that speak for the person: `a…@example.sn`."""
    address = reveal(account, vault)
    return f"{address[0]}…@{address.rpartition('@')[2]}" if address else None

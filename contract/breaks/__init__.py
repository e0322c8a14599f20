"""What would break those who call a contract that was released."""

from contract.breaks.operations import breaks

__all__ = ["breaks"]

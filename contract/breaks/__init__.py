"""What would break those who call a contract that was released."""

from contract.breaks.events import event_breaks
from contract.breaks.operations import breaks

__all__ = ["breaks", "event_breaks"]

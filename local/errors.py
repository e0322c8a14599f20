"""What goes wrong on one machine, in the words of the person at the terminal."""

from asyncpg import DiskFullError, PostgresError


class CannotRun(Exception):
    """One sentence that says what is wrong and what to do; the command ends with exit code 1."""


def first_line(error: Exception) -> str:
    """PostgreSQL's errors bring details and hints on further lines."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def sentence(error: OSError | PostgresError) -> str:
    """What to say of a failure that nobody foresaw where it happened."""
    words = first_line(error)
    if "No space left on device" in words or isinstance(error, DiskFullError):
        return "The disk is full: free some space and start again."
    return f"That failed: {words}"

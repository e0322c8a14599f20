"""Why a letter did not go: a code of ours, never what the other side said."""


class Refused(Exception):
    """It never will: there is no such address, or the letter is not wanted."""


class Deferred(Exception):
    """It may later: nobody answers, or not now."""

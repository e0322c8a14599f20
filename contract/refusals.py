"""What goes wrong, in the words of the person at the terminal."""


class CannotJudge(Exception):
    """One sentence that says what is wrong and what to do; the command ends with exit code 1."""

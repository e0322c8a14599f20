"""What is promised of a figure, and whether it was kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A figure that must be at least, or at most, so much; or that is only aimed at."""

    what: str
    figure: float
    bound: float
    is_least: bool = True
    is_wish: bool = False  # said, and no reason to fail
    unit: str = ""
    why: str = ""  # what bounds it

    @property
    def is_kept(self) -> bool:
        """Whether it holds."""
        return self.figure >= self.bound if self.is_least else self.figure <= self.bound

    @property
    def word(self) -> str:
        """The verdict in a word."""
        if self.is_kept:
            return "kept"
        return "missed (a wish)" if self.is_wish else "MISSED"

    def line(self) -> str:
        """A row of Markdown."""
        sign, digits = "≥" if self.is_least else "≤", 2 if self.bound < 100 else 0
        figure = f"{self.figure:,.{digits}f}{self.unit}"
        bound = f"{sign} {self.bound:,g}{self.unit}"
        return f"| {self.what} | {figure} | {bound} | {self.word} | {self.why} |"


HEAD = ["| what | measured | goal | | what bounds it |", "|---|--:|--:|---|---|"]

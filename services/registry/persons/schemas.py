"""A person on the wire."""

from datetime import date

from pydantic import BaseModel


class Revealed(BaseModel):
    """What is sealed of a person, whole: for agents who said why, and for the person."""

    nin: str | None = None
    phone: str | None = None
    birth_date: date | None = None

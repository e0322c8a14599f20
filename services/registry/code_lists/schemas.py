"""Code lists as callers see them."""

from pydantic import BaseModel


class Label(BaseModel):
    """A label in the two languages of the contract."""

    fr: str
    en: str


class CodeRead(BaseModel):
    """One code, under its parent if it has one."""

    code: str
    parent_code: str | None
    label: Label


class CodeListRead(BaseModel):
    """A whole list."""

    name: str
    items: list[CodeRead]

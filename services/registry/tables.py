"""The registry's own root of tables: nothing here can mix with another service's database."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from chassis.db import NAMING
from chassis.tables import APPEND_ONLY as COMMON
from chassis.tables import service_metadata

metadata = MetaData(naming_convention=NAMING)
service_metadata(metadata)

# What was said, decided, observed or signed is never rewritten: by trigger and by privilege.
APPEND_ONLY: dict[str, str | None] = {
    **COMMON,
    "ledger": None,
    "review": None,
    "decision": None,
    "certificate": None,
    "data_access": None,
    "desk_step": None,
    "privacy_act": None,
}
EXPIRING = frozenset({"data_access"})


class Table(SQLModel, registry=registry(metadata=metadata)):
    """Every table of the registry descends from here."""

    metadata = metadata

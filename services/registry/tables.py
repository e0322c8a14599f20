"""The registry's own root of tables: nothing here can mix with another service's database."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from chassis.db import NAMING
from chassis.tables import APPEND_ONLY as COMMON
from chassis.tables import add_checkpoint_table, service_metadata

metadata = MetaData(naming_convention=NAMING)
service_metadata(metadata)
add_checkpoint_table(metadata)

# What was said, decided, observed or signed is never rewritten: by trigger and by privilege.
APPEND_ONLY: dict[str, str | None] = {
    **COMMON,
    "chain_checkpoint": None,
    "ledger": None,
    "review": None,
    "decision": None,
    "certificate": None,
    "data_access": None,
    "desk_step": None,
    "message": None,
    "privacy_act": None,
    "effect": None,
    "cooperative_version": "recorded",
    "membership": "recorded",
    "mandate": "recorded",
    "remark_answer": None,
}
EXPIRING = frozenset({"data_access"})


class Table(SQLModel, registry=registry(metadata=metadata)):
    """Every table of the registry descends from here."""

    metadata = metadata

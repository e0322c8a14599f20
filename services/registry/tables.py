"""The registry's own root of tables: nothing here can mix with another service's database."""

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from chassis.db import NAMING
from chassis.imprints import add_imprint_table
from chassis.tables import APPEND_ONLY as COMMON
from chassis.tables import add_checkpoint_table, service_metadata

metadata = MetaData(naming_convention=NAMING)
service_metadata(metadata)
add_checkpoint_table(metadata)
add_imprint_table(metadata)

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
    "imprint": None,
}
EXPIRING = frozenset({"data_access"})
# What each row was when it was written is kept, with the columns by which it is known: of all that
# is no link of a chain itself. See `chassis.imprints`; a new table comes with a migration.
IMPRINTED: dict[str, str] = {
    "activity": "cooperative_id",
    "affiliation": "apex_id,cooperative_id",
    "agent": "sub",
    "alert": "id",
    "certificate": "id",
    "code_entry": "list_name,code",
    "cooperative": "id",
    "cooperative_identifier": "id",
    "cooperative_version": "id",
    "data_access": "id",
    "data_request": "id",
    "decision": "id",
    "division": "code",
    "filing": "id",
    "holiday": "on",
    "import": "id",
    "import_piece": "import_id,number",
    "import_row": "import_id,number",
    "imported_row": "source,key",
    "initiative": "id",
    "law_rule": "rule,legal_form,valid_from",
    "mandate": "id",
    "member": "id",
    "member_link": "id",
    "membership": "id",
    "message": "id",
    "operation": "id",
    "person_key": "id",
    "privacy_act": "id",
    "read_mark": "filing_id,reader_sub",
    "remark_answer": "id",
    "retention_rule": "code",
    "review": "id",
    "review_snapshot": "review_id",
    "service_target": "code,valid_from",
    "work_item": "filing_id",
}


class Table(SQLModel, registry=registry(metadata=metadata)):
    """Every table of the registry descends from here."""

    metadata = metadata

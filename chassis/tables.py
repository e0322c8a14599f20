"""The tables that every service's database has, whatever it is about."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

# Of these a row never changes; see `Service.append_only`.
APPEND_ONLY: dict[str, str | None] = {"event_log": None, "chain_link": None}
# Of a column in which something stands that a vault sealed, or blinded: before a key of the vault
# is destroyed, it is looked for in all of them.
SEALED: dict[str, Any] = {"info": {"is_sealed": True}}
BLIND: dict[str, Any] = {"info": {"is_blind": True}}


class Xid8(UserDefinedType[Any]):
    """PostgreSQL's 64-bit transaction id, which SQLAlchemy does not know."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's SQL name."""
        return "xid8"


ischema_names["xid8"] = Xid8

_CLOCK = text(
    "clock_timestamp()"
)  # now() is the start of the transaction: it would lie about order
_XID = text("pg_current_xact_id()")


def _instant(name: str, *, nullable: bool = False, now: bool = True) -> Column[Any]:
    return Column(
        name, DateTime(timezone=True), nullable=nullable, server_default=_CLOCK if now else None
    )


def ordered_columns() -> list[Column[Any]]:
    """`xid` and `pos`: together they give commit order behind the snapshot's horizon."""
    return [
        Column("xid", Xid8(), nullable=False, server_default=_XID),
        Column("pos", BigInteger, Identity(always=True), nullable=False),
    ]


def add_event_tables(metadata: MetaData) -> None:
    """What a service says (`event_log`, `event_lane`) and what it has heard."""
    Table(
        "event_log",
        metadata,
        Column("id", Uuid, primary_key=True),
        *ordered_columns(),
        Column("aggregate", Text, nullable=False),
        Column("seq", Integer, nullable=False),
        Column("type", Text, nullable=False),
        _instant("time", now=False),
        Column("data", JSONB, nullable=False),
        Column("is_public", Boolean, nullable=False),
        Column("traceparent", Text, nullable=True),
        _instant("created"),
        UniqueConstraint("aggregate", "seq"),
        Index("ix_event_log_xid_pos", "xid", "pos"),
    )
    Table(
        "event_lane",
        metadata,
        Column("consumer", Text, nullable=False),
        Column("aggregate", Text, nullable=False),
        Column("head", Integer, nullable=False),
        Column("tail", Integer, nullable=False),
        Column("attempts", Integer, nullable=False, server_default="0"),
        _instant("due", nullable=True, now=False),
        _instant("dead_at", nullable=True, now=False),
        Column("skips", ARRAY(Integer), nullable=False, server_default="{}"),
        Column("last_error", Text, nullable=True),
        PrimaryKeyConstraint("consumer", "aggregate"),
        Index("ix_event_lane_due", "consumer", "due", postgresql_where=text("due is not null")),
        # `due` is indexed and changes twice per delivery: dead entries must go quickly.
        postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02},
    )
    _add_heard_tables(metadata)


def _add_heard_tables(metadata: MetaData) -> None:
    Table(
        "event_cursor",
        metadata,
        Column("producer", Text, nullable=False),
        Column("aggregate", Text, nullable=False),
        Column("last_seq", Integer, nullable=False),
        PrimaryKeyConstraint("producer", "aggregate"),
    )
    Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("producer", Text, nullable=False),
        _instant("heard_at"),
    )
    Table(
        "peer_heard",
        metadata,
        Column("producer", Text, primary_key=True),
        _instant("through", now=False),
        Column("blocked", ARRAY(Text), nullable=False, server_default="{}"),
    )


def add_request_tables(metadata: MetaData) -> None:
    """Answers already given, by idempotency key."""
    Table(
        "idempotency",
        metadata,
        Column("principal", Text, nullable=False),
        Column("method", Text, nullable=False),
        Column("path", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("fingerprint", Text, nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", LargeBinary, nullable=False, **SEALED),
        _instant("created_at"),
        PrimaryKeyConstraint("principal", "method", "path", "key"),
        Index("ix_idempotency_created_at", "created_at"),
    )


def add_chain_tables(metadata: MetaData) -> None:
    """Hash chains: one head per chain, one link per sealed thing (see `chassis.chain`)."""
    Table(
        "chain_head",
        metadata,
        Column("chain", Text, primary_key=True),
        Column("sequence", BigInteger, nullable=False),
        Column("hash", Text, nullable=False),
        Column("xid", Xid8(), nullable=False),
        Column("pos", BigInteger, nullable=False),
    )
    Table(
        "chain_link",
        metadata,
        Column("chain", Text, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("ref", Uuid, nullable=False),
        Column("prevhash", Text, nullable=False),
        Column("hash", Text, nullable=False),
        PrimaryKeyConstraint("chain", "sequence"),
        UniqueConstraint("chain", "ref"),
    )


def add_checkpoint_table(metadata: MetaData) -> None:
    """Signed checkpoints, for a service that seals its chains (see `chassis.sealing`)."""
    Table(
        "chain_checkpoint",
        metadata,
        Column("chain", Text, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("hash", Text, nullable=False),
        _instant("at", now=False),
        Column("kid", Text, nullable=False),
        Column("jws", Text, nullable=False),
        Column("number", BigInteger, Identity(always=True), nullable=False),
        PrimaryKeyConstraint("chain", "sequence"),
        UniqueConstraint("number"),
    )


def service_metadata(metadata: MetaData) -> None:
    """All of the above, for one service."""
    add_event_tables(metadata)
    add_request_tables(metadata)
    add_chain_tables(metadata)

"""Flask with SQLAlchemy's ORM over the registry's own tables."""

import os
from datetime import UTC, datetime
from uuid import UUID, uuid4

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ARRAY, Text, func, select
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """All tables."""


application = Flask("bench")
application.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BENCH_DATABASE_URL"].replace(
    "postgresql://", "postgresql+psycopg://", 1
)
application.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 8}
db = SQLAlchemy(application, model_class=Base)
_SUMMARY = ("id", "registration_number", "name", "legal_form", "life", "legal_registration",
    "cps_status", "commune_code", "sector_codes", "cps_tags", "members_count", "women_count",
    "version")  # fmt: skip


class Cooperative(db.Model):
    """The present."""

    __tablename__ = "cooperative"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    registration_number: Mapped[str]
    name: Mapped[str]
    legal_form: Mapped[str]
    life: Mapped[str]
    legal_registration: Mapped[str]
    cps_status: Mapped[str]
    commune_code: Mapped[str]
    path: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sector_codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    cps_tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    members_count: Mapped[int]
    women_count: Mapped[int]
    registered_on: Mapped[datetime]
    version: Mapped[int]


class CooperativeVersion(db.Model):
    """What the register says, valid and recorded."""

    __tablename__ = "cooperative_version"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cooperative_id: Mapped[UUID]
    revision: Mapped[int]
    valid = mapped_column(DATERANGE)
    recorded = mapped_column(TSTZRANGE)
    public = mapped_column(JSONB)


class Filing(db.Model):
    """A filing: one row."""

    __tablename__ = "filing"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str]
    status: Mapped[str]
    organisation_id: Mapped[str]
    payload = mapped_column(JSONB)
    path: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[str]
    filers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    version: Mapped[int]


@application.get("/v1/cooperatives/<uuid:id>")
def read(id: UUID):
    """One cooperative, today."""
    now = datetime.now(UTC)
    found = db.session.scalars(
        select(CooperativeVersion).where(
            CooperativeVersion.cooperative_id == id,
            CooperativeVersion.valid.contains(now.date()),
            func.upper_inf(CooperativeVersion.recorded),
        )
    ).one()
    moment = {"as_of": now.date().isoformat(), "known_at": now.isoformat()}
    return {**found.public, **moment, "revision": found.revision}


@application.get("/v1/cooperatives")
def listing():
    """Fifty by id."""
    rows = db.session.scalars(select(Cooperative).order_by(Cooperative.id).limit(51)).all()
    return {"items": [_summary(row) for row in rows[:50]], "next": str(rows[49].id)}


def _summary(row: Cooperative):
    return {
        **{name: getattr(row, name) for name in _SUMMARY},
        "region_code": row.path[-2],
        "registered_on": row.registered_on.isoformat(),
    }


@application.post("/v1/filings")
def insert():
    """A filing begins: one row, one commit."""
    body = request.get_json()
    filing = Filing(id=uuid4(), type=body["type"], status="DRAFT", organisation_id="bench",
        payload=body["payload"], path=[], created_by="bench", filers=["bench"],
        created_at=datetime.now(UTC), version=1)  # fmt: skip
    db.session.add(filing)
    db.session.commit()
    return {"id": str(filing.id), "status": filing.status, "payload": filing.payload}, 201

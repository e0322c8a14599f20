"""Attendance as it was captured, device by device; nothing is ever changed or removed."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Text
from sqlmodel import Field

from chassis.db import text_enum
from services.training.attendance.schemas import Method, Presence
from services.training.tables import Table


class AttendanceEvent(Table, table=True):
    """One observation. `client_event_id` is made by the device, so that sending twice is harmless;
    `supersedes` names the observation that this one corrects, whichever arrives first."""

    __tablename__: ClassVar[str] = "attendance_event"

    client_event_id: UUID = Field(primary_key=True)
    training_session_id: UUID = Field(foreign_key="training_session.id", index=True)
    slot_id: UUID = Field(foreign_key="session_slot.id")
    enrolment_id: UUID = Field(foreign_key="enrolment.id", index=True)
    status: Presence = Field(sa_type=text_enum(Presence))
    minutes: int
    method: Method = Field(sa_type=text_enum(Method))
    captured_at: datetime = Field(sa_type=DateTime(timezone=True))
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    device_id: str | None = None
    recorded_by: str
    supersedes: UUID | None = None
    reason: str | None = None
    fingerprint: str
    answered: int
    warnings: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))

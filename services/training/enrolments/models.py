"""Who learns: groups as delegations, and each of their members as an enrolment."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, ForeignKey, Index, Text, text
from sqlmodel import Field

from chassis.db import text_enum
from services.training.enrolments.schemas import Masked, Mode, Sex
from services.training.enrolments.states import LIFE, EnrolmentStatus
from services.training.groups.models import GroupKind
from services.training.tables import Table


class Delegation(Table, table=True):
    """A group in one session. `overtaken` counts the smaller ones that passed it in the queue."""

    __tablename__: ClassVar[str] = "delegation"
    __table_args__ = (
        CheckConstraint("group_id = coalesce(cooperative_id, initiative_id)", name="one_group"),
        CheckConstraint("(kind = 'COOPERATIVE') = (cooperative_id is not null)", name="its_kind"),
        # One live delegation of a group in a session (rule 2).
        Index(
            "uq_delegation_group",
            "training_session_id",
            "group_id",
            unique=True,
            postgresql_where=text("is_live"),
        ),
    )

    id: UUID = Field(primary_key=True)
    training_session_id: UUID = Field(foreign_key="training_session.id", index=True)
    kind: GroupKind = Field(sa_type=text_enum(GroupKind))
    group_id: UUID = Field(index=True)
    initiative_id: UUID | None = None
    cooperative_id: UUID | None = None
    organisation_id: str = Field(index=True)
    path: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    mode: Mode = Field(sa_type=text_enum(Mode))
    is_live: bool = True
    overtaken: int = 0
    skip_reason: str | None = None
    waitlisted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    enrolled_by: str
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    version: int = 1


class Enrolment(Table, table=True):
    """One learner in one session. The telephone number is sealed."""

    __tablename__: ClassVar[str] = "enrolment"
    __table_args__ = (
        Index("ix_enrolment_seats", "training_session_id", "status"),
        # One live enrolment of a member in a session (rule 2).
        Index(
            "uq_enrolment_member",
            "delegation_id",
            "member_id",
            unique=True,
            postgresql_where=text("member_id is not null"),
        ),
    )

    id: UUID = Field(primary_key=True)
    training_session_id: UUID = Field(
        sa_column=Column(ForeignKey("training_session.id"), nullable=False)
    )
    delegation_id: UUID = Field(foreign_key="delegation.id", index=True)
    position: int
    member_id: str | None = Field(default=None, sa_type=Text)
    family_name: str
    given_names: str
    sex: Sex = Field(sa_type=text_enum(Sex))
    birth_year: int | None = None
    phone_sealed: str | None = None
    status: EnrolmentStatus = Field(
        sa_type=text_enum(EnrolmentStatus), default=EnrolmentStatus.SUBMITTED
    )
    version: int = 1

    @property
    def holds_seat(self) -> bool:
        """Whether nobody else may have this place."""
        return self.status.holds_seat

    @property
    def allowed_actions(self) -> list[str]:
        """What its life allows now."""
        return [action.value for action in LIFE.allowed(self.status)]

    @property
    def phone(self) -> Masked | None:
        """That there is a number; nobody is shown it."""
        return Masked() if self.phone_sealed else None

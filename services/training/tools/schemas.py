"""Tools, programmes and policies: their values, and how callers see them."""

from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, computed_field


class VersionStatus(StrEnum):
    """A published version never changes again."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Module(_Value):
    """A part of a programme; `expected_output` is the deliverable with which a group leaves it."""

    code: str
    title_fr: str
    title_en: str
    minutes: int
    expected_output: str | None
    is_mandatory: bool


class CompletionRule(_Value):
    """What a group must have done. Ratios are decimal strings in percent."""

    version: int
    min_attendance_percent: str
    min_members_completing: int
    deliverables: tuple[str, ...]


class YouthAge(_Value):
    """Who counts as young, both ages included."""

    min_age: int
    max_age: int

    def includes(self, birth_year: int | None, on: date) -> bool:
        """Whether somebody born in `birth_year` counts as young on that day."""
        return birth_year is not None and self.min_age <= on.year - birth_year <= self.max_age


class OfferTerms(_Value):
    """How long a seat stays offered, and how often smaller groups may overtake a larger one."""

    ttl_hours: int
    min_hours: int
    cutoff_hours: int
    max_overtakes: int

    @property
    def cutoff(self) -> timedelta:
        """No offer is made or stands this close to the first slot."""
        return timedelta(hours=self.cutoff_hours)


def total_minutes(modules: list[Module]) -> int:
    """The minutes that a session must offer."""
    return sum(module.minutes for module in modules if module.is_mandatory)


class ToolRead(BaseModel):
    """A family of training material, and the tools that follow it."""

    code: str
    name: str
    owner: str
    purpose_fr: str
    purpose_en: str
    audience: list[str]
    next_tool_codes: list[str]
    sources: list[str]


class ToolVersionRead(BaseModel):
    """An edition; `unconfirmed` names what nobody has confirmed yet."""

    id: UUID
    tool_code: str
    semver: str
    kind: str
    language: str
    published_year: int | None
    licence: str | None
    attribution: str
    isbn: str | None
    is_ilo_logo_authorised: bool
    status: VersionStatus
    sources: list[str]
    unconfirmed: list[str]


class ProgrammeRead(BaseModel):
    """What is taught, and to whom."""

    code: str
    tool_code: str
    kind: str
    learner_unit: str
    title_fr: str
    title_en: str


class ProgrammeVersionRead(BaseModel):
    """How it is taught: modules, group sizes and the rule of completion."""

    id: UUID
    programme_code: str
    tool_version_id: UUID
    semver: str
    status: VersionStatus
    languages: list[str]
    modules: list[Module]
    min_participants: int
    max_participants: int
    completion_rule: CompletionRule | None
    certificate_validity_months: int | None
    sources: list[str]
    unconfirmed: list[str]

    @computed_field  # type: ignore[prop-decorator]  # how pydantic documents it
    @property
    def total_minutes(self) -> int:
        """Minutes of all mandatory modules."""
        return total_minutes(self.modules)

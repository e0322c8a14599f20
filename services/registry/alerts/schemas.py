"""Alerts on the wire."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.registry.alerts.states import Activity, AlertCode, AlertStatus


class AlertRead(BaseModel):
    """One of the ten alerts on a day. `confidence` says how well its rule is confirmed: A, the text
    itself; B, a reliable source."""

    code: AlertCode
    status: AlertStatus
    reason: str
    message: str
    remedy: str
    since: date | None
    params: dict[str, Any]
    law_ref: str | None
    confidence: str | None
    is_public: bool


class AlertsRead(BaseModel):
    """What was computed about a cooperative. The public sees what follows from published facts
    (`basis` PUBLIC), the cooperative and its agents everything (ALL): `activity` follows from what
    is shown. `not_stated` names the alerts that rest on facts which nobody stated."""

    cooperative_id: UUID
    activity: Activity | None
    basis: Literal["PUBLIC", "ALL"]
    not_stated: list[AlertCode]
    alerts: list[AlertRead]
    as_of: date
    known_at: datetime
    revision: int


class StandingAlert(BaseModel):
    """An alert in the list of the agents."""

    id: UUID
    cooperative_id: UUID
    registration_number: str
    name: str
    commune_code: str
    code: AlertCode
    since: date
    noticed_at: datetime
    activity: Activity | None

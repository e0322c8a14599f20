"""Events of one's own organisation on the wire: CloudEvents."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel


class OrganisationEventRead(BaseModel):
    """A CloudEvent (1.0) for your organisation alone. `type` says what happened, `subject` to what;
    `data` holds ids and codes: read the thing itself for more."""

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: dict[str, Any]

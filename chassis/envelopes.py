"""How an event stands on the wire, apart from how it is written: who only reads starts sooner."""

from collections.abc import Mapping
from typing import Any

from chassis import clock


def envelope(source: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `event_log` as a CloudEvent 1.0; `resourceversion` counts within the subject."""
    return {
        "specversion": "1.0",
        "id": str(row["id"]),
        "source": f"/{source}",
        "type": row["type"],
        "subject": row["aggregate"],
        "time": clock.wire(row["time"]),
        "datacontenttype": "application/json",
        "resourceversion": row["seq"],
        "data": row["data"],
    }

"""Days, instants and ids have one notation each: the one that the contract declares."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import Field, ValidationError

from chassis.bodies import Incoming
from chassis.fields import Day, Id, Instant

ONE = "0197d1a5-0000-7000-8000-000000000001"


class Sent(Incoming):
    """Something of each kind."""

    id: Id | None = None
    ids: list[Id] = Field(default_factory=list)
    day: Day | None = None
    instant: Instant | None = None


def read(**fields: Any) -> Sent:
    return Sent.model_validate_json(json.dumps(fields))


def test_what_is_declared_is_read() -> None:
    sent = read(id=ONE.upper(), ids=[ONE], day="2026-02-28", instant="2026-02-28T23:30:00.5-01:00")
    assert (sent.id, sent.ids, sent.day) == (UUID(ONE), [UUID(ONE)], date(2026, 2, 28))
    assert sent.instant == datetime(2026, 3, 1, 0, 30, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("id", f"urn:uuid:{ONE}", "uuid_parsing"),
        ("id", f"{{{ONE}}}", "uuid_parsing"),
        ("id", ONE.replace("-", ""), "uuid_parsing"),
        ("id", 7, "uuid_type"),
        ("day", "86400", "date_parsing"),
        ("day", "2026-02-30", "date_parsing"),
        ("day", "2026-02-28T00:00:00", "date_parsing"),
        ("day", 86_400, "date_type"),
        ("instant", "86400", "datetime_parsing"),
        ("instant", "2026-02-28 23:30:00Z", "datetime_parsing"),
        ("instant", "2026-02-28T23:30:00", "datetime_parsing"),
        ("instant", "2026-02-28T23:30:00+99:00", "datetime_parsing"),
        ("instant", "0001-01-01T00:00:00+14:00", "datetime_parsing"),
        ("instant", 86_400, "datetime_type"),
    ],
)
def test_other_notations_are_refused(field: str, value: Any, kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(**{field: value})
    assert [error["type"] for error in refused.value.errors()] == [kind]


def test_the_contract_declares_their_bounds() -> None:
    fields = Sent.model_json_schema()["properties"]
    assert fields["ids"]["items"] == {"type": "string", "format": "uuid", "maxLength": 36}
    declared = {name: fields[name]["anyOf"][0] for name in ("id", "day", "instant")}
    assert {name: (of["format"], of["maxLength"]) for name, of in declared.items()} == {
        "id": ("uuid", 36),
        "day": ("date", 10),
        "instant": ("date-time", 35),
    }

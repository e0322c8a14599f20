"""Days, instants and ids have one notation each: the one that the contract declares."""

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field, ValidationError

from chassis.bodies import Incoming, check
from chassis.errors import ValidationFailed
from chassis.fields import Day, Id, Instant, between

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
        ("instant", "0001-01-01T00:04:04.0+06:06", "DATE_OUT_OF_RANGE"),
        ("instant", "9999-12-31T23:59:59-01:00", "DATE_OUT_OF_RANGE"),
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


class Dated(Incoming):
    """Something of this century."""

    day: Annotated[Day, between(date(2000, 1, 1), date(2099, 12, 31))]
    instant: Annotated[
        Instant, between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    ] = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "sent", [{"day": "1999-12-31"}, {"day": "2026-01-01", "instant": "2100-01-01T00:00:01Z"}]
)
def test_a_date_outside_of_the_calendar_is_refused_by_a_name_of_its_own(sent: Any) -> None:
    """JSON Schema cannot say such bounds, so the refusal does."""
    with pytest.raises(ValidationFailed) as refused:
        check(Dated, sent)
    [finding] = refused.value.findings
    assert finding.code == "DATE_OUT_OF_RANGE"
    assert set(finding.params) == {"expected", "earliest", "latest"}

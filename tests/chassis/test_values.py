"""Canonical JSON, dates, versions, lives: small values that much depends on."""

import json
import struct
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis import clock
from chassis.canonical import canonical, fingerprint
from chassis.errors import IllegalTransition
from chassis.versions import etag
from tests.chassis.village.life import Village
from tests.chassis.village.notes import LIFE, Move, Status
from tests.town import problem

# RFC 8785 appendix B: IEEE 754 bits and the text that every implementation must write
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_numbers_are_spelt_as_rfc_8785_says(bits: str, text: str) -> None:
    [number] = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number).decode() == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
        ({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "ö": 7}, None),
        ('\u20ac$\x0f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ([56, {"d": True, "10": None, "1": []}], '[56,{"1":[],"10":null,"d":true}]'),
    ],
)
def test_texts_and_keys_are_spelt_as_rfc_8785_says(value: Any, text: str | None) -> None:
    spelt = canonical(value).decode()
    if text is not None:
        assert spelt == text
    else:  # RFC 8785 §3.2.3: by UTF-16 code units
        assert list(json.loads(spelt)) == ["\r", "1", "\x80", "ö", "€", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", 2**53 + 1, {1: 2}])
def test_what_the_format_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical(value)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (b'{"a":1,"b":2}', b'{ "b":2.0, "a":1 }', True),
        (b'"\\u0041"', b'"A"', True),
        (b'{"a":1}', b'{"a":2}', False),
        (b'{"a":[1,2]}', b'{"a":[2,1]}', False),
        (b"", b"{}", False),
        (b"99999999999999999999", b"99999999999999999999 ", False),
        (b"[" * 5000, b"[" * 5001, False),
    ],
)
def test_bodies_that_say_the_same_have_one_fingerprint(
    one: bytes, other: bytes, is_same: bool
) -> None:
    assert (fingerprint(one) == fingerprint(other)) is is_same


def test_business_time_can_be_moved_and_comes_back() -> None:
    with clock.shifted(timedelta(days=40)):
        with clock.shifted(timedelta(days=-10)):
            assert timedelta(days=29) < clock.now() - datetime.now(UTC) < timedelta(days=31)
        assert clock.now() - datetime.now(UTC) > timedelta(days=39)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=5)


def test_business_time_comes_back_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), clock.shifted(timedelta(days=40)):
        raise ZeroDivisionError
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=5)


def test_an_instant_holds_what_the_wire_can_carry() -> None:
    now = clock.now()
    assert now.microsecond % 1000 == 0
    assert datetime.fromisoformat(clock.wire(now)) == now


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 5, 1, tzinfo=UTC), "2026-05-01T00:00:00.000Z"),
        (datetime.fromisoformat("2026-05-01T02:00:00.123456+02:00"), "2026-05-01T00:00:00.123Z"),
    ],
)
def test_instants_leave_in_utc(instant: datetime, text: str) -> None:
    assert clock.wire(instant) == text


def test_the_legal_day_is_a_day_in_dakar() -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=30, microsecond=0)
    with clock.shifted(midnight + timedelta(days=1) - datetime.now(UTC)):
        assert clock.today() == (midnight + timedelta(days=1)).date()
    assert isinstance(clock.today(), date)


def test_a_version_is_a_strong_validator() -> None:
    assert etag(7) == '"7"'


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ('"1"', 200, None),
        (' "1" ', 200, None),
        (None, 428, "PRECONDITION_REQUIRED"),
        ('"2"', 412, "PRECONDITION_FAILED"),
        ('"0"', 412, "PRECONDITION_FAILED"),
        ("1", 400, "MALFORMED_REQUEST"),
        ('W/"1"', 400, "MALFORMED_REQUEST"),
        ("*", 400, "MALFORMED_REQUEST"),
        ('"', 400, "MALFORMED_REQUEST"),
        ('""', 400, "MALFORMED_REQUEST"),
        ('"-1"', 400, "MALFORMED_REQUEST"),
        ('"1", "2"', 400, "MALFORMED_REQUEST"),
        ('"²"', 400, "MALFORMED_REQUEST"),
        ('"' + "9" * 30 + '"', 400, "MALFORMED_REQUEST"),
    ],
)
async def test_nobody_overwrites_what_they_have_not_read(
    village: Village, sent: str | None, status: int, code: str | None
) -> None:
    id = await village.write()
    headers = [] if sent is None else [(b"If-Match", sent.encode("latin-1"))]
    async with village.client() as client:
        answer = await client.put(f"/v1/notes/{id}", json={"title": "b"}, headers=headers)
    assert answer.status_code == status
    if code is None:
        assert answer.headers["etag"] == '"2"'
    else:
        assert problem(answer)["code"] == code


async def test_a_stale_writer_learns_the_current_version(village: Village) -> None:
    id = await village.write()
    await village.amend(id)
    async with village.client() as client:
        headers = {"If-Match": '"1"'}
        answer = await client.put(f"/v1/notes/{id}", json={"title": "b"}, headers=headers)
    assert problem(answer)["current_version"] == 2


@pytest.mark.parametrize(
    ("now", "action", "then"),
    [
        (Status.OPEN, Move.CLOSE, Status.CLOSED),
        (Status.CLOSED, Move.REOPEN, Status.OPEN),
        (Status.OPEN, Move.REOPEN, None),
        (Status.CLOSED, Move.CLOSE, None),
    ],
)
def test_a_life_is_a_table(now: Status, action: Move, then: Status | None) -> None:
    assert (action in LIFE.allowed(now)) is (then is not None)
    if then is not None:
        assert LIFE.move(now, action) == then
    else:
        with pytest.raises(IllegalTransition):
            LIFE.move(now, action)


async def test_a_refused_move_says_what_is_allowed(village: Village) -> None:
    id = await village.write()
    async with village.client() as client:
        first, second = [await client.post(f"/v1/notes/{id}/closings") for _ in "ab"]
    assert first.status_code == 201
    assert second.status_code == 409
    said = problem(second)
    assert said["code"] == "ILLEGAL_TRANSITION"
    assert (said["current_status"], said["allowed_actions"]) == ("CLOSED", ["REOPEN"])

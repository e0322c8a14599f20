"""Bodies that want to hurt: never a 500, never an echo."""

import json
import time
from typing import Any

import pytest

from chassis.bodies import JsonInvalid, parse
from tests.chassis.village.life import Village
from tests.town import Identity, problem

MARK = "ZQXJKV"
JSON = {"content-type": "application/json"}

HOSTILE: dict[str, tuple[bytes, int]] = {
    "empty object": (b"{}", 422),
    "no object": (b"[1]", 422),
    "null": (b"null", 422),
    "not JSON": (b"<xml>" + MARK.encode() + b"</xml>", 400),
    "truncated": (b'{"title": "' + MARK.encode(), 400),
    "two values": (b'{"title": "a"} {}', 400),
    "lone surrogate": (b'{"title": "' + MARK.encode() + b'\\ud800"}', 400),
    "lone surrogate as a key": (b'{"\\udfff' + MARK.encode() + b'": 1}', 400),
    "surrogate in bytes": (b'{"title": "' + MARK.encode() + b'\xed\xa0\x80"}', 400),
    "not UTF-8": (b'{"title": "' + MARK.encode() + b'\xff"}', 400),
    "UTF-16": (json.dumps({"title": MARK}).encode("utf-16"), 400),
    "UTF-32": (json.dumps({"title": MARK}).encode("utf-32"), 400),
    "byte order mark": (b"\xef\xbb\xbf" + json.dumps({"title": MARK}).encode(), 400),
    "NUL escaped": (b'{"title": "' + MARK.encode() + b'\\u0000"}', 400),
    "NUL raw": (b'{"title": "' + MARK.encode() + b'\x00"}', 400),
    "NUL as a key": (b'{"\\u0000' + MARK.encode() + b'": 1}', 400),
    "NaN": (b'{"title": "a", "copies": NaN}', 400),
    "Infinity": (b'{"title": "a", "copies": Infinity}', 400),
    "-Infinity": (b'{"title": "a", "copies": -Infinity}', 400),
    "1e999": (b'{"title": "a", "copies": 1e999}', 400),
    "doubled key": (b'{"title": "a", "title": "' + MARK.encode() + b'"}', 400),
    "doubled key inside": (b'{"title": {"a": 1, "a": 2}}', 400),
    "depth 65": (b'{"title": ' + b"[" * 65 + b"]" * 65 + b"}", 400),
    "depth 60": (b'{"title": ' + b"[" * 60 + b"]" * 60 + b"}", 422),
    "depth 100": (b"[" * 100 + b"]" * 100, 400),
    "depth 5,000": (b"[" * 5000 + b"]" * 5000, 400),
    "depth 100,000": (b"[" * 100_000 + b"]" * 100_000, 400),
    "depth 100,000 of objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "5,000 digits": (b'{"title": "a", "copies": ' + b"9" * 5000 + b"}", 400),
    "4,000 digits": (b'{"title": "a", "copies": ' + b"9" * 4000 + b"}", 422),
    "a number with 20 digits": (b'{"title": "a", "copies": 99999999999999999999}', 422),
    "a number as text": (b'{"title": "a", "copies": "1"}', 422),
    "a broken number": (b'{"title": "a", "copies": 1.5}', 422),
    "true for a number": (b'{"title": "a", "copies": true}', 422),
    "a wrong type": (b'{"title": {"' + MARK.encode() + b'": 1}}', 422),
    "an unknown field": (b'{"title": "a", "novel": "' + MARK.encode() + b'"}', 422),
    "50,000 keys": (json.dumps({f"k{n}": n for n in range(50_000)}).encode(), 422),
    "a long key": (json.dumps({"k" * 500_000: 1}).encode(), 422),
    "a long text": (json.dumps({"title": MARK * 5000}).encode(), 422),
}


@pytest.mark.parametrize(("body", "status"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_body_is_refused_without_an_echo(
    village: Village, body: bytes, status: int
) -> None:
    async with village.client() as client:
        began = time.perf_counter()
        answer = await client.post("/v1/notes", content=body, headers=JSON)
        took = time.perf_counter() - began
    assert answer.status_code == status
    assert problem(answer)["errors"]
    assert MARK not in answer.text
    assert "Traceback" not in answer.text
    assert len(answer.content) < 50_000
    assert took < 20  # a hang, not a measurement: machines are slow when they are busy
    assert await village.told.fetch("select 1 from note") == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": "application/json; charset=latin-1"}, 415),
        ({"content-type": "application/json; charset=utf-16"}, 415),
        ({"content-type": "application/json; profile=x"}, 415),
        ({"content-type": "application/jsonx"}, 415),
        ({"content-type": "é"}, 415),
        ({"content-type": "application/json", "content-encoding": "gzip"}, 415),
        ({"content-type": "application/json", "content-encoding": "br, gzip"}, 415),
        ({"content-type": "application/json"}, 201),
        ({"content-type": "Application/JSON; charset=UTF-8"}, 201),
        ({"content-type": 'application/json; charset="utf-8"'}, 201),
        ({"content-type": "application/merge-patch+json"}, 201),
        ({"content-type": "application/json", "content-encoding": "identity"}, 201),
    ],
    ids=str,
)
async def test_only_plain_json_in_utf8_is_read(
    village: Village, headers: dict[str, str], status: int
) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    async with village.client() as client:
        answer = await client.post("/v1/notes", content=b'{"title": "a"}', headers=raw)
    assert answer.status_code == status
    if status == 415:
        assert problem(answer)["code"] == "UNSUPPORTED_MEDIA_TYPE"


async def test_no_body_at_all_is_an_act_without_words(village: Village) -> None:
    id = await village.write()
    async with village.client() as client:
        closed = await client.post(f"/v1/notes/{id}/closings")
        wordless = await client.post("/v1/notes")
    assert closed.status_code == 201
    assert wordless.status_code == 422
    assert problem(wordless)["errors"][0]["pointer"] == "/title"


async def test_a_large_body_is_refused(village: Village) -> None:
    body = json.dumps({"title": "x" * 2_000_000}).encode()
    async with village.client() as client:
        answer = await client.post("/v1/notes", content=body, headers=JSON)
    assert answer.status_code == 413
    assert problem(answer)["code"] == "BODY_TOO_LARGE"


async def test_a_body_that_says_it_is_large_is_not_even_read(village: Village) -> None:
    token = village.town.token(Identity(scope="notes:write"), "teller")
    statuses: list[int] = []
    headers = {
        "content-type": "application/json",
        "content-length": "2000000",
        "idempotency-key": "k",
        "authorization": f"Bearer {token}",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/notes",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> Any:
        raise AssertionError("not one byte is wanted")

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    await village.teller(scope, receive, send)
    assert statuses[0] == 413


async def test_a_large_body_that_hides_its_size_is_refused(village: Village) -> None:
    async def pieces() -> Any:
        for _ in range(40):
            yield b" " * 50_000

    async with village.client() as client:
        answer = await client.post("/v1/notes", content=pieces(), headers=JSON)
    assert answer.status_code == 413
    assert problem(answer)["code"] == "BODY_TOO_LARGE"


async def test_a_stranger_learns_nothing_about_the_size(village: Village) -> None:
    async with village.town.client("teller") as client:
        answer = await client.post("/v1/notes", content=b"x" * 2_000_000, headers=JSON)
    assert answer.status_code == 401


async def test_every_finding_is_named_at_once(village: Village) -> None:
    wrong = {"title": "", "shelf": 7, "copies": 0, "a/b~c": 1, "pages": 1}
    async with village.client() as client:
        answer = await client.post("/v1/notes", json=wrong)
    found = {f["pointer"]: f["code"] for f in problem(answer)["errors"]}
    assert found == {
        "/title": "FIELD_INVALID",
        "/shelf": "FIELD_INVALID",
        "/copies": "FIELD_INVALID",
        "/pages": "FIELD_UNKNOWN",
        "": "FIELD_UNKNOWN",  # a name like none of ours is not said back
    }


@pytest.mark.parametrize(
    "text", ['{"a": [1, 2.5, "é", null, true]}', '"\\ud83d\\ude00"', "1e308", "-0", '"\\u0001"']
)
def test_what_json_can_say_is_read(text: str) -> None:
    assert parse(text.encode()) == json.loads(text)


def test_a_refusal_says_what_was_expected() -> None:
    with pytest.raises(JsonInvalid) as refused:
        parse(b'{"a": NaN}')
    [finding] = refused.value.findings
    assert finding.params == {"expected": "no NaN"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7.0", 7),
        ("7e0", 7),
        ("-1.5e1", -15),
        ("9007199254740991.0", 9_007_199_254_740_991),
        ("0.5", 0.5),
        ("0.99999999999999999999", 1.0),
        ("9007199254740993.0", 9_007_199_254_740_992.0),
    ],
)
def test_a_whole_number_is_an_integer_however_it_is_written(text: str, value: float) -> None:
    """As JSON Schema and RFC 8785 have it; one that a double only rounds to is none."""
    found = parse(text.encode())
    assert (found, type(found)) == (value, type(value))

"""Hostile input to every route: always a problem, the right one, and never an echo."""

import io
import json
import re
import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import logs
from tests.house import hostile
from tests.house.calls import filled, send, somebody
from tests.house.hostile import MARK, Hostile
from tests.house.house import House
from tests.house.objects import Objects, Thing
from tests.house.services import ALL, READS_ANYTHING, READS_FILES, Case, cases, models
from tests.town import problem

WRITES = [case for case in cases(*ALL) if case.is_write and not case.is_form]
FORMS = [case for case in cases(*ALL) if case.is_form]
WITH_PARAMETER = [case for case in cases(*ALL) if case.has_parameter]
MODELS = models()
NEVER_REFUSES = ("/oauth2/logout",)  # whatever is said on leaving
REFUSED = (400, 401, 403, 404, 413, 415, 422)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that the processes write to their logs meanwhile."""
    with monkeypatch.context() as changed:
        heard = io.StringIO()
        changed.setattr(sys, "stdout", heard)
        logs.configure("test")
        yield heard
    logs.configure("test")


def echoes(answer: httpx.Response) -> bool:
    said = [_seen(answer), *(f"{name}: {value}" for name, value in answer.headers.items())]
    return any(MARK in part for part in said)


def _seen(answer: httpx.Response) -> str:
    # a page of sign-in links to itself in the other language, and its forms carry the request on:
    # escaped, within attributes, and shown to nobody
    if answer.headers.get("content-type", "").startswith("text/html"):
        return re.sub(r'(?:href|value|action)="[^"<>]*"', "", answer.text)
    return answer.text


async def object_at(objects: Objects, case: Case) -> Thing | None:
    return await objects.at(case.path) if case.has_parameter else None


@pytest.mark.parametrize("case", WRITES, ids=str)
async def test_what_no_route_may_read_is_refused_by_its_name(
    house: House, objects: Objects, spoken: io.StringIO, case: Case
) -> None:
    thing = await object_at(objects, case)
    found, wanted, echoed = {}, {}, []
    for name, sent in hostile.BODIES.items():
        answer = await send(house, case, thing, sent.content, headers=sent.headers)
        is_read = case[1:3] in READS_ANYTHING and sent.status == 400
        wanted[name] = (200, None) if is_read else (sent.status, sent.code)
        if case[1:3] in READS_FILES:
            wanted[name] = (415, "UNSUPPORTED_MEDIA_TYPE")
        found[name] = (answer.status_code, answer.json().get("code"))
        echoed += [name] if echoes(answer) else []
    assert found == wanted
    assert echoed == []
    assert MARK not in spoken.getvalue()


@pytest.mark.parametrize("case", WRITES, ids=str)
async def test_what_has_the_wrong_shape_is_refused_without_being_repeated(
    house: House, objects: Objects, spoken: io.StringIO, case: Case
) -> None:
    thing = await object_at(objects, case)
    schema = hostile.whole_schema(MODELS[case[1:3]]) if case[1:3] in MODELS else {}
    leaves = {n: json.dumps(hostile.marked(schema, v)).encode() for n, v in hostile.LEAVES.items()}
    for name, content in (hostile.SHAPES | leaves).items():
        answer = await send(house, case, thing, content)
        refused = (200,) if case[1:3] in READS_ANYTHING else (400, 422)
        refused = (415,) if case[1:3] in READS_FILES else refused
        assert answer.status_code in refused, (name, answer.text)
        assert not echoes(answer), (name, answer.text)
        assert len(answer.content) < 100_000, name
        assert answer.status_code == 200 or problem(answer)
    assert MARK not in spoken.getvalue()


@pytest.mark.parametrize("case", WRITES, ids=str)
async def test_a_body_without_end_is_refused_before_it_is_read(
    house: House, objects: Objects, case: Case
) -> None:
    thing = await object_at(objects, case)
    told = {"Content-Length": "209715200"}
    answer = await send(house, case, thing, b"{}", headers=told)
    assert (answer.status_code, problem(answer)["code"]) == (413, "BODY_TOO_LARGE")
    nothing = {"Idempotency-Key": "", "If-Match": "", "x-jws-signature": ""}
    answer = await send(house, case, thing, b"{}", headers=told | nothing)
    assert answer.status_code == 413, "413 comes before the key, the version and the signature"


@pytest.mark.parametrize("case", FORMS, ids=str)
async def test_hostile_forms_are_refused_and_not_repeated(
    house: House, spoken: io.StringIO, case: Case
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    bodies = hostile.BODIES | {name: Hostile(body) for name, body in hostile.FORMS.items()}
    for name, sent in bodies.items():
        for headers in (form, form | dict(sent.headers)):
            answer = await send(house, case, None, sent.content, headers=headers)
            is_let_go = case.path in NEVER_REFUSES and answer.status_code == 200
            assert is_let_go or answer.status_code in REFUSED, (name, answer.text)
            assert not echoes(answer), (name, answer.text)
    assert MARK not in spoken.getvalue()


@pytest.mark.parametrize("case", cases(*ALL), ids=str)
async def test_hostile_headers_and_queries_are_never_a_crash_nor_repeated(
    house: House, objects: Objects, spoken: io.StringIO, case: Case
) -> None:
    thing = await object_at(objects, case) if case[1:3] in MODELS else None
    for header, value in hostile.HEADERS.items():
        answer = await send(house, case, thing, b'{"surprise": 1}', headers={header: value})
        assert answer.status_code < 500, (header, answer.text)
        assert not echoes(answer), (header, answer.text, answer.headers)
    for query in hostile.QUERIES:
        answer = await send(house, case, thing, b'{"surprise": 1}', query=query)
        # outside the contract, unknown parameters are left unread, as RFC 6749 §3.1 asks
        assert not case.path.startswith("/v1/") or answer.status_code in (400, 404), answer.text
        assert not echoes(answer), (query, answer.text)
    assert MARK not in spoken.getvalue()


@pytest.mark.parametrize("case", WITH_PARAMETER, ids=str)
async def test_a_hostile_address_is_not_found(
    house: House, spoken: io.StringIO, case: Case
) -> None:
    name, method, path, scopes = case
    async with house.client(name, somebody(scopes)) as client:
        for value in hostile.VALUES:
            query = f"?cooperative_id={uuid4()}" if path.endswith("/eligibility") else ""
            sent: dict[str, Any] = {"headers": {"content-type": "application/json"}}
            answer = await client.request(method, filled(path, value) + query, **sent)
            assert answer.status_code in (404, 405), (value, answer.text)
            assert not echoes(answer), (value, answer.text)
    assert MARK not in spoken.getvalue()


@pytest.mark.parametrize("case", [case for case in WRITES if case.method == "PATCH"], ids=str)
async def test_a_patch_takes_nothing_away_that_is_not_there(
    house: House, objects: Objects, case: Case
) -> None:
    thing = await object_at(objects, case)
    answer = await send(house, case, thing, b'{"surprise": null}')
    found = [(one["code"], one["pointer"]) for one in problem(answer)["errors"]]
    assert (answer.status_code, found) == (422, [("FIELD_UNKNOWN", "/surprise")])


@pytest.mark.parametrize("case", [case for case in WRITES if case.method == "PATCH"], ids=str)
async def test_a_patch_without_a_body_is_none(house: House, objects: Objects, case: Case) -> None:
    thing = await object_at(objects, case)
    for headers in ({}, {"Content-Type": ""}):
        answer = await send(house, case, thing, b"", headers=headers)
        assert (answer.status_code, problem(answer)["code"]) == (400, "JSON_INVALID")

"""Who may tell us something: a peer that signed this very body, for us, just now."""

import json
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.jose import Signer
from chassis.keys import new_private_jwk
from tests.chassis.village.life import Village
from tests.town import problem


def a_push(subject: str) -> bytes:
    event = {
        "id": str(uuid4()),
        "type": "sn.mboolo.teller.note.written.v1",
        "subject": subject,
        "time": "2026-05-01T10:00:00.000Z",
        "resourceversion": 1,
        "data": {"title": "Bon", "version": 1},
        "news": "members that we do not know are ignored",
    }
    return json.dumps({"events": [event]}).encode()


def claims(**changes: Any) -> dict[str, Any]:
    right = {"iat": int(time.time()), "htm": "POST", "aud": "hearer", "iss": "teller"}
    return {k: v for k, v in (right | changes).items() if v is not None}


async def push(village: Village, body: bytes, signature: str) -> httpx.Response:
    headers = {"x-jws-signature": signature}
    async with village.town.client("hearer") as client:
        return await client.post("/internal/v1/events", content=body, headers=headers)


async def test_a_signed_push_is_heard(village: Village) -> None:
    body = a_push("note/a")
    signer: Signer = village.teller.state.signer
    answer = await push(village, body, signer.detached(body, claims()))
    assert answer.json() == {"applied": {"note/a": 1}, "failed": {}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "registry"},
        {"aud": None},
        {"aud": ["hearer"]},
        {"iss": "gateway"},
        {"iss": "hearer"},
        {"iss": None},
        {"htm": "PUT"},
        {"iat": 1_767_225_600},
        {"iat": 9_999_999_999},
        {"iat": None},
        {"crit": ["exp"]},
        {"b64": False},
        {"alg": "none"},
        {"kid": "tel-unknown"},
    ],
    ids=str,
)
async def test_a_push_that_was_signed_for_something_else_is_refused(
    village: Village, wrong: dict[str, Any]
) -> None:
    body = a_push("note/b")
    signer: Signer = village.teller.state.signer
    answer = await push(village, body, signer.detached(body, claims(**wrong)))
    assert answer.status_code == 401
    assert problem(answer)["code"] == "UNAUTHENTICATED"
    assert await village.heard.fetch("select 1 from event_cursor") == []


@pytest.mark.parametrize("signature", [None, b"", b"a.b.c", b"..", b"\xe9..\xe9", b"a" * 9000])
async def test_an_unsigned_push_is_refused(village: Village, signature: bytes | None) -> None:
    headers = [] if signature is None else [(b"x-jws-signature", signature)]
    async with village.town.client("hearer") as client:
        answer = await client.post("/internal/v1/events", content=a_push("note/c"), headers=headers)
    assert answer.status_code == 401
    assert await village.heard.fetch("select 1 from event_cursor") == []


async def test_a_body_that_was_changed_on_the_way_is_refused(village: Village) -> None:
    body = a_push("note/d")
    signer: Signer = village.teller.state.signer
    signature = signer.detached(body, claims())
    answer = await push(village, body.replace(b"Bon", b"Mal"), signature)
    assert answer.status_code == 401


async def test_a_stranger_with_a_familiar_key_name_is_refused(village: Village) -> None:
    body = a_push("note/e")
    own: Signer = village.teller.state.signer
    answer = await push(village, body, Signer(new_private_jwk(own.kid)).detached(body, claims()))
    assert answer.status_code == 401


async def test_a_peer_cannot_speak_in_the_name_of_another(village: Village) -> None:
    body = a_push("note/f")
    gateway = Signer(village.town.gateway_keys.current)
    answer = await push(village, body, gateway.detached(body, claims(iss="teller")))
    assert answer.status_code == 401


async def test_a_push_to_us_cannot_be_replayed_to_another_consumer(village: Village) -> None:
    body = a_push("note/g")
    signer: Signer = village.teller.state.signer
    signature = signer.detached(body, claims(aud="teller"))
    assert (await push(village, body, signature)).status_code == 401


async def test_a_push_that_is_replayed_to_us_changes_nothing(village: Village) -> None:
    body = a_push("note/h")
    signer: Signer = village.teller.state.signer
    signature = signer.detached(body, claims())
    answers = [await push(village, body, signature) for _ in range(3)]
    assert [a.json() for a in answers] == [{"applied": {"note/h": 1}, "failed": {}}] * 3
    assert len(await village.heard.fetch("select 1 from effect")) == 1


async def test_a_peer_says_nothing_in_the_name_of_another(village: Village) -> None:
    body = a_push("note/of-another").replace(b"sn.mboolo.teller.", b"sn.mboolo.somebody.")
    signer: Signer = village.teller.state.signer
    answer = await push(village, body, signer.detached(body, claims()))
    assert answer.json()["failed"] == {"note/of-another": "NotTheirs"}

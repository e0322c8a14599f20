import base64
import hashlib
import json
import re
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.gateway.world import App, Reader, Recorder, answer

CODE = "R7KQ2M9XD4TBW2"
CERTIFICATE: dict[str, Any] = {
    "code": CODE,
    "kind": "REGISTRATION",
    "status": "VALID",
    "facts": {
        "cooperative_id": "0198a000-0000-7000-8000-000000000001",
        "registration_number": "SN-SE-2026-00007-42",
        "name": "Femmes de Diendé & filles",
        "legal_form": "SCOOPS",
        "commune_code": "SN-SE-SD3-1",
        "commune_name": "Diendé",
        "registered_on": "2026-11-03",
    },
    "issued_at": "2026-11-03T23:30:00.000Z",
    "issuer": "MMESS",
    "kid": "reg-202611-abcdef",
    "credential": "eyJhbGciOiJFUzI1NiJ9.e30.sig",
}


def answering(status: int, content: Any) -> App:
    async def act(scope: Scope, receive: Receive, send: Send) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        await answer(send, status, body, [(b"content-type", b"application/json")])

    return act


@pytest.fixture
def certificate(registry: Recorder) -> dict[str, Any]:
    shown = json.loads(json.dumps(CERTIFICATE))
    registry.acts[f"/v1/verifications/{CODE}"] = answering(200, shown)
    return dict(shown)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "fr",
            [
                "✓ Valide",
                "Certificat d'immatriculation",
                "Numéro d'immatriculation",
                "Immatriculée le",
                "3 novembre 2026",
                "Délivré par",
            ],
        ),
        (
            "en",
            [
                "✓ Valid",
                "Certificate of registration",
                "Registration number",
                "Registered on",
                "3 November 2026",
                "Issued by",
            ],
        ),
    ],
)
async def test_the_page_shows_the_live_answer(
    client: httpx.AsyncClient, certificate: dict[str, Any], language: str, expected: list[str]
) -> None:
    found = await client.get(f"/verify/{CODE}", headers={"Accept-Language": language})
    page = Reader(found.text)
    assert found.status_code == 200
    assert found.headers["content-language"] == language
    assert set(expected) <= set(page.texts)
    facts = certificate["facts"]
    shown = {facts["name"], facts["registration_number"], facts["commune_name"], CODE, "MMESS"}
    assert shown <= set(page.texts)


async def test_the_page_hides_what_is_no_fact(
    client: httpx.AsyncClient, certificate: dict[str, Any]
) -> None:
    found = await client.get(f"/verify/{CODE}")
    facts = certificate["facts"]
    hidden = (facts["cooperative_id"], facts["commune_code"], certificate["kid"], "eyJ")
    assert [text for text in hidden if text in found.text] == []


async def test_a_code_typed_in_small_letters_is_the_same_code(
    client: httpx.AsyncClient, certificate: dict[str, Any]
) -> None:
    found = await client.get(f"/verify/{CODE.lower()}")
    assert found.status_code == 200
    assert CODE in found.text


async def test_the_other_language_is_one_touch_away(
    client: httpx.AsyncClient, certificate: dict[str, Any]
) -> None:
    french = Reader((await client.get(f"/verify/{CODE}")).text)
    assert ("lang", "fr") in french.attributes
    assert ("href", "?lang=en") in french.attributes
    english = await client.get(f"/verify/{CODE}?lang=en", headers={"Accept-Language": "fr"})
    assert ("lang", "en") in Reader(english.text).attributes


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("SUPERSEDED", "✗ Remplacé par un certificat plus récent"),
        ("STRUCK_OFF", "✗ Coopérative radiée"),
        ("REVOKED", "✗ Révoqué"),
        ("UNHEARD_OF", "Unheard of"),
    ],
)
async def test_whatever_is_not_valid_never_looks_so(
    client: httpx.AsyncClient, registry: Recorder, status: str, words: str
) -> None:
    registry.acts[f"/v1/verifications/{CODE}"] = answering(200, {**CERTIFICATE, "status": status})
    found = await client.get(f"/verify/{CODE}")
    page = Reader(found.text)
    assert words in page.texts
    assert ("class", "status bad") in page.attributes
    assert "✓" not in found.text


async def test_what_a_service_says_is_text_and_nothing_else(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    nasty = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)> $heading {base}"
    facts = dict.fromkeys(("name", "legal_form", "commune_name", nasty), nasty)
    shown = {"code": nasty, "kind": nasty, "status": nasty, "issuer": nasty, "facts": facts}
    registry.acts[f"/v1/verifications/{CODE}"] = answering(200, shown)
    found = await client.get(f"/verify/{CODE}")
    page = Reader(found.text)
    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert nasty in "".join(page.texts)


async def test_an_unknown_code_has_a_page_of_its_own(
    client: httpx.AsyncClient, registry: Recorder
) -> None:
    registry.acts["/v1/verifications/R00000000000AA"] = answering(404, {"code": "NOT_FOUND"})
    found = await client.get("/verify/R00000000000AA")
    assert found.status_code == 404
    assert "✗ Aucun certificat ne porte ce code" in Reader(found.text).texts


@pytest.mark.parametrize(
    "code", ["X7KQ2M9XD4TBW2", "R1", "7", "R" * 41, "R7KQ%2F..%2F..%2Fme", "R7KQ2M<b>", "Ré123456"]
)
async def test_what_is_no_code_asks_nobody(
    client: httpx.AsyncClient, services: dict[str, Recorder], code: str
) -> None:
    before = {name: len(recorder.seen) for name, recorder in services.items()}
    found = await client.get(f"/verify/{code}")
    assert found.status_code == 404
    asked = [one.target for name, all in services.items() for one in all.seen[before[name] :]]
    assert asked == []
    assert "<b>" not in found.text


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("F7KQ2M9XD4TBW2", None),
        ("R7KQ2M9XD4AAAA", answering(500, {})),
        ("R7KQ2M9XD4AAAB", answering(200, b"not JSON")),
        ("R7KQ2M9XD4AAAC", answering(200, ["not", "an", "object"])),
    ],
)
async def test_a_service_that_is_away_says_nothing_about_the_certificate(
    client: httpx.AsyncClient, registry: Recorder, code: str, act: App | None
) -> None:
    registry.acts |= {f"/v1/verifications/{code}": act} if act else {}
    found = await client.get(f"/verify/{code}", headers={"Accept-Language": "en"})
    assert found.status_code == 503
    assert "Cannot be verified for now" in Reader(found.text).texts


async def test_the_page_loads_nothing_and_runs_nothing(
    client: httpx.AsyncClient, certificate: dict[str, Any]
) -> None:
    found = await client.get(f"/verify/{CODE}")
    page = Reader(found.text)
    assert not {"script", "link", "img", "iframe", "form"} & set(page.tags)
    style = re.search(r"<style>(.*?)</style>", found.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = found.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert found.headers["cache-control"] == "no-store"
    assert ("name", "viewport") in page.attributes

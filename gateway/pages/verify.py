"""`/verify/{code}`: where the QR code of a certificate leads, made for a telephone.

The page carries no script and loads nothing. It shows what the service answers at this moment.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Annotated, Any, Literal

import httpx
from fastapi import APIRouter, Request, params
from starlette.responses import HTMLResponse, Response

from chassis.catalogue import Language, preferred_language
from chassis.errors import Problem
from chassis.openapi_answers import PROBLEM
from gateway.pages.words import KINDS, LABELS, SENTENCES, STATUSES, say, value
from gateway.routes_table import find

router = APIRouter(tags=["verification"])
_PAGE = Template(Path(__file__).with_name("verify.html").read_text(encoding="utf-8"))
_CODE = re.compile(r"[0-9A-Z]{6,40}")
Code = Annotated[str, params.Path(json_schema_extra={"maxLength": 64})]
# Names of things, not facts about them; the heading and the status have their own places.
_HIDDEN = re.compile(
    r".*(_id|_code|_sha256|_url)|kid|kind|status|name|title|holder_name|credential"
)

_IS_A_PAGE: dict[str, Any] = {"content": {"text/html": {"schema": {"type": "string"}}}}


def _policy() -> str:
    style = _PAGE.template.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


_HEADERS = {
    "Content-Security-Policy": f"{_policy()}; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


_ALSO_A_PAGE: dict[int | str, dict[str, Any]] = {
    404: {
        "description": "The same page, for a code that nothing bears; a problem for no code at all",
        "content": {**_IS_A_PAGE["content"], **PROBLEM},
    },
    503: {"description": "The same page, while the service that knows is away", **_IS_A_PAGE},
}


@router.get("/verify/{code}", response_class=HTMLResponse, responses=_ALSO_A_PAGE)
async def show_verification(
    request: Request, code: Code, lang: Literal["fr", "en"] | None = None
) -> Response:
    """What a certificate attests and whether it still holds, as a page in French or English."""
    language = lang or preferred_language(request.headers.get("accept-language"))
    status, found = await _ask(request, code.strip().upper())
    base: str = request.app.state.settings.public_url
    page = _found(found, language) if found else _not_found(status, language)
    content = _PAGE.substitute(_frame(language, base) | page)
    return HTMLResponse(content, status, {**_HEADERS, "Content-Language": language})


async def _ask(request: Request, code: str) -> tuple[int, dict[str, Any] | None]:
    path = f"/v1/verifications/{code}"
    way = find(path.encode()) if _CODE.fullmatch(code) else None
    if way is None:
        return 404, None
    state = request.app.state
    try:
        place = state.routing.upstreams[way.service].choose().url
        answer = await state.http.get(f"{place}{path}")
        found = answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError, Problem):
        return 503, None
    if isinstance(found, dict):
        return 200, found
    return (404 if answer.status_code == 404 else 503), None


def _frame(language: Language, base: str) -> dict[str, str]:
    other = ("en", "English") if language == "fr" else ("fr", "Français")
    note = say(SENTENCES, "note", language).format(base=base)
    return {"lang": language, "other": other[0], "other_name": other[1], "note": escape(note)}


def _not_found(status: int, language: Language) -> dict[str, str]:
    key = "unknown" if status == 404 else "away"
    return {
        "heading": escape(say(SENTENCES, key, language)),
        "status": escape(say(SENTENCES, f"{key}_status", language)),
        "mood": "bad",
        "explanation": f"<p>{escape(say(SENTENCES, f'{key}_why', language))}</p>",
        "facts": "",
    }


def _found(found: Mapping[str, Any], language: Language) -> dict[str, str]:
    facts = {**found, **(found.get("facts") or {})}
    names = (facts.get(key) for key in ("name", "holder_name", "title"))
    status = str(found.get("status"))
    return {
        "heading": escape(next((str(name) for name in names if name), str(found.get("code")))),
        "status": escape(say(STATUSES, status, language)),
        "mood": "good" if status == "VALID" else "bad",
        "explanation": f"<p>{escape(say(KINDS, str(found.get('kind')), language))}</p>",
        "facts": "\n".join(_lines(facts, language)),
    }


def _lines(facts: Mapping[str, Any], language: Language) -> Iterator[str]:
    for key in sorted(facts, key=_rank):
        if isinstance(facts[key], str | int) and not _HIDDEN.fullmatch(key):
            label, shown = say(LABELS, key, language), value(facts[key], language)
            yield f"<div><dt>{escape(label)}</dt><dd>{escape(shown)}</dd></div>"


def _rank(key: str) -> int:
    # the order of the words, then what has no word
    return list(LABELS).index(key) if key in LABELS else len(LABELS)

"""Serves the example application, with a policy that lets it call the platform and nobody else."""

import base64
import hashlib
import json
import mimetypes
import re
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from browser.build import BUILT, EXAMPLE
from contract.refusals import CannotJudge
from contract.sdk import SDK
from contract.tools import HERE

PORT = 5_173
_FETCH = HERE / "node_modules" / "openapi-fetch" / "dist" / "index.mjs"
_PAGE = (EXAMPLE / "index.html").read_text(encoding="utf-8")
_FILES = {
    "/style.css": EXAMPLE / "style.css",
    "/vendor/openapi-fetch.js": _FETCH,
    "/contract/sdk/typescript/client.js": SDK / "typescript" / "client.js",
}
_APP = "/app/"


def settings_of(demo: Path) -> dict[str, str]:
    """What the application must be told, from the file with the demo accounts."""
    if not demo.exists():
        raise CannotJudge(f"There is no {demo}: start the town first, with `make run`.")
    told = json.loads(demo.read_text(encoding="utf-8"))
    client: dict[str, str] = told["clients"]["frontend"]
    return {
        "origin": told["base_url"],
        "client_id": client["client_id"],
        "redirect_uri": client["redirect_uri"],
        "after_logout": f"http://127.0.0.1:{PORT}/",
    }


def serve(settings: dict[str, str], port: int = PORT) -> ThreadingHTTPServer:
    """A server on the loopback, not yet answering."""
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Site, settings))
    except OSError as error:
        raise CannotJudge(
            f"Port {port} of this machine is taken: free it and try again."
        ) from error


def _policy(origin: str) -> str:
    inline = re.search(r'<script type="importmap">(.*?)</script>', _PAGE, re.DOTALL)
    assert inline is not None
    digest = base64.b64encode(hashlib.sha256(inline[1].encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self';"
        f" img-src data:; connect-src 'self' {origin}; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )


class _Site(BaseHTTPRequestHandler):
    def __init__(self, settings: dict[str, str], *words: Any) -> None:
        self._settings = settings
        super().__init__(*words)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in ("/", urlsplit(self._settings["redirect_uri"]).path):
            self._answer(_PAGE.encode(), "text/html; charset=utf-8")
        elif path == "/config.json":
            self._answer(json.dumps(self._settings).encode(), "application/json")
        elif file := self._file(path):
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            kind = "text/javascript" if file.suffix == ".mjs" else kind
            self._answer(file.read_bytes(), kind)
        else:
            self.send_error(404)

    def _file(self, path: str) -> Path | None:
        if not path.startswith(_APP):
            return _FILES.get(path)
        file = (BUILT / path.removeprefix(_APP)).resolve()
        return file if file.is_relative_to(BUILT) and file.is_file() else None

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", _policy(self._settings["origin"]))
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """The address of the callback holds a code: nothing is written down."""

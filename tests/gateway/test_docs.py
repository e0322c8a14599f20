"""The documentation and the home."""

import httpx
import pytest

from tests.gateway.world import Gateway, Reader
from tests.town import problem


async def test_the_documentation_comes_with_all_it_needs(client: httpx.AsyncClient) -> None:
    found = await client.get("/docs")
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    page = Reader(found.text)
    loaded = [value for name, value in page.attributes if name in ("src", "href") and value]
    assert [
        address for address in loaded if not address.startswith(("/docs/assets/", "/v1/"))
    ] == []
    for address in loaded:
        assert (await client.get(address)).status_code == 200, address
    assert "script-src 'self';" in found.headers["content-security-policy"]
    assert "http" not in found.text.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js", "text/javascript"),
        ("start.js", "text/javascript"),
        ("favicon.png", "image/png"),
    ],
)
async def test_assets_say_what_they_are(client: httpx.AsyncClient, name: str, media: str) -> None:
    found = await client.get(f"/docs/assets/{name}")
    assert found.headers["content-type"].partition(";")[0] == media
    assert found.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["docs.py", "..%2fdocs.py", "%2e%2e%2fdocs.py", "start.js%00"])
async def test_no_other_file_can_be_had(client: httpx.AsyncClient, name: str) -> None:
    assert problem(await client.get(f"/docs/assets/{name}"))["code"] == "NOT_FOUND"


async def test_the_home_leads_everywhere(gateway: Gateway, client: httpx.AsyncClient) -> None:
    home = (await client.get("/")).json()
    links = {name: url for name, url in home["links"].items() if "{" not in url}
    assert all(url.startswith(gateway.url) for url in links.values())
    statuses = {name: (await client.get(url)).status_code for name, url in links.items()}
    odd = {"api": 404, "me": 401, "token": 405, "ready": 503}
    assert statuses == dict.fromkeys(links, 200) | odd

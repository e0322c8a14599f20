"""Every change of an operation that breaks a caller is found."""

import pytest

from tests.contract.made import Change, Document, after, post


def flow(document: Document) -> Document:
    schemes = document["components"]["securitySchemes"]
    found: Document = schemes["oauth2"]["flows"]["clientCredentials"]
    return found


BREAKING: list[tuple[str, Change]] = [
    ("/me: removed", lambda d: d["paths"].pop("/me")),
    ("POST /filings: removed", lambda d: d["paths"]["/filings"].pop("post")),
    ("POST /filings: called new, not draft_filing", lambda d: post(d).update(operationId="new")),
    (
        "/filings: served elsewhere",
        lambda d: d["paths"]["/filings"].update(servers=[{"url": "/v2"}]),
    ),
    ("servers: an address is gone", lambda d: d.update(servers=[{"url": "/v2"}])),
    ("POST /filings query limit: removed", lambda d: post(d)["parameters"].pop(0)),
    (
        "POST /filings query limit: required from now on",
        lambda d: post(d)["parameters"][0].update(required=True),
    ),
    (
        "POST /filings query from: required from now on",
        lambda d: post(d)["parameters"].append(
            {"in": "query", "name": "from", "required": True, "schema": {}}
        ),
    ),
    (
        "POST /filings query limit: written otherwise",
        lambda d: post(d)["parameters"][0].update(explode=False),
    ),
    (
        "POST /filings query limit: maximum was 200 and is 100 (sent)",
        lambda d: post(d)["parameters"][0]["schema"].update(maximum=100),
    ),
    ("POST /filings body: removed", lambda d: post(d).pop("requestBody")),
    (
        "POST /filings body: required from now on",
        lambda d: post(d)["requestBody"].update(required=True),
    ),
    (
        "POST /filings body: no application/json any more",
        lambda d: post(d)["requestBody"].update(content={}),
    ),
    (
        "GET /me body: required from now on",
        lambda d: d["paths"]["/me"]["get"].update(requestBody={"required": True}),
    ),
    ("POST /filings 201: removed", lambda d: post(d)["responses"].pop("201")),
    (
        "POST /filings 201: no application/json any more",
        lambda d: post(d)["responses"]["201"].update(content={}),
    ),
    (
        "POST /filings 201 header Location: removed",
        lambda d: post(d)["responses"]["201"].update(headers={}),
    ),
    (
        "POST /filings 201 header Location: may be absent now",
        lambda d: d["components"]["headers"]["Location"].pop("required"),
    ),
    (
        "POST /filings: filings:correct is no longer enough",
        lambda d: post(d)["security"].pop(),
    ),
    (
        "POST /filings: filings:write is no longer enough",
        lambda d: post(d)["security"][0]["oauth2"].append("filings:review"),
    ),
    (
        "GET /me: no token is no longer enough",
        lambda d: d["paths"]["/me"]["get"].update(security=[{"oauth2": []}]),
    ),
    (
        "oauth2 clientCredentials: tokenUrl is /token, not /oauth2/token",
        lambda d: flow(d).update(tokenUrl="/token"),
    ),
    (
        "oauth2 clientCredentials: no scope filings:write any more",
        lambda d: flow(d)["scopes"].clear(),
    ),
]


@pytest.mark.parametrize(("found", "change"), BREAKING)
def test_what_breaks_a_caller_is_found_and_said(found: str, change: Change) -> None:
    assert after(change) == [found]

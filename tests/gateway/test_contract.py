import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.contract import catalogue
from gateway.contract.document import committed, merged, own_document
from gateway.contract.merge import merge
from gateway.roles import SCOPES
from tests.gateway.world import Gateway
from tests.town import problem

Document = dict[str, Any]


def a_document(**schemas: Any) -> Document:
    """A document with one path, whose answer is the first schema."""
    first = next(iter(schemas))
    return {
        "paths": {f"/{first.lower()}s": {"get": operation(f"read_{first.lower()}", first)}},
        "components": {"schemas": schemas, "securitySchemes": {"oauth2": {}}},
    }


def operation(name: str, schema: str) -> Document:
    answer = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {
        "operationId": name,
        "responses": {"200": {"content": {"application/json": answer}}},
    }


def references(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        if isinstance(content.get("$ref"), str):
            yield content["$ref"]
        for value in content.values():
            yield from references(value)
    elif isinstance(content, list):
        for item in content:
            yield from references(item)


def names(made: Document) -> set[str]:
    return set(made["components"]["schemas"])


def test_what_is_the_same_everywhere_appears_once() -> None:
    problem_schema = {"type": "object"}
    made = merge(
        {
            "registry": a_document(Filing={"type": "string"}, Problem=problem_schema),
            "training": a_document(Session={"type": "integer"}, Problem=problem_schema),
        }
    )
    assert names(made) == {"Filing", "Problem", "Session"}
    assert list(made["paths"]) == ["/filings", "/sessions"]


def test_what_differs_is_named_after_its_service_wherever_it_stands() -> None:
    documents = {
        "registry": a_document(Page={"type": "string"}),
        "training": a_document(Page={"type": "integer"}, Other={"type": "string"}),
    }
    documents["training"]["paths"] = {"/others": {"get": operation("read_other", "Page")}}
    made = merge(documents)
    assert names(made) == {"RegistryPage", "TrainingPage", "Other"}
    assert list(references(made["paths"]["/pages"])) == ["#/components/schemas/RegistryPage"]
    assert list(references(made["paths"]["/others"])) == ["#/components/schemas/TrainingPage"]


def test_what_leads_to_something_different_is_different_too() -> None:
    wrapper = {"properties": {"item": {"$ref": "#/components/schemas/Item"}}}
    outer = {"items": {"$ref": "#/components/schemas/Wrapper"}}
    made = merge(
        {
            "registry": a_document(Item={"type": "string"}, Wrapper=wrapper, Outer=outer),
            "training": a_document(Item={"type": "integer"}, Wrapper=wrapper, Outer=outer),
        }
    )
    assert names(made) == {
        f"{service}{name}"
        for service in ("Registry", "Training")
        for name in ("Item", "Wrapper", "Outer")
    }
    assert list(references(made["components"]["schemas"]["TrainingOuter"])) == [
        "#/components/schemas/TrainingWrapper"
    ]


def test_the_order_of_merging_changes_nothing() -> None:
    one = a_document(Page={"type": "string"}, Same={"type": "null"})
    two = a_document(Thing={"type": "string"}, Page={"type": "integer"}, Same={"type": "null"})
    first = json.dumps(merge({"registry": one, "training": two}))
    second = json.dumps(merge({"training": two, "registry": one}))
    assert first == second


def test_an_address_that_services_share_answers_as_any_of_them() -> None:
    documents = {
        "registry": a_document(Certificate={"type": "string"}),
        "training": a_document(Certificate={"type": "integer"}),
        "financing": a_document(Certificate={"type": "boolean"}),
    }
    made = merge(documents)
    found = made["paths"]["/certificates"]["get"]
    assert [ref.rpartition("/")[2] for ref in references(found)] == [
        "RegistryCertificate",
        "TrainingCertificate",
        "FinancingCertificate",
    ]
    assert found["operationId"] == "read_certificate"


def test_one_name_of_an_operation_for_two_addresses_is_told_apart() -> None:
    documents = {
        "registry": a_document(Filing={"type": "string"}),
        "training": a_document(Session={"type": "string"}),
    }
    for document in documents.values():
        for item in document["paths"].values():
            item["get"]["operationId"] = "read_one"
    made = merge(documents)
    assert made["paths"]["/filings"]["get"]["operationId"] == "registry_read_one"
    assert made["paths"]["/sessions"]["get"]["operationId"] == "training_read_one"


def test_merging_leaves_the_parts_as_they_are() -> None:
    one = a_document(Page={"type": "string"})
    before = json.dumps(one)
    merge({"registry": one, "training": a_document(Page={"type": "integer"})})
    assert json.dumps(one) == before


@pytest.fixture(scope="module")
def whole() -> Document:
    return merged(committed())


def test_every_address_of_every_process_is_in_the_contract(whole: Document) -> None:
    parts = [*committed().values(), own_document()]
    assert set(whole["paths"]) == {path for part in parts for path in part["paths"]}
    assert list(whole["paths"]) == sorted(whole["paths"])


def test_every_reference_leads_somewhere(whole: Document) -> None:
    found = {ref.removeprefix("#/components/") for ref in references(whole)}
    known = {
        f"{section}/{name}" for section, table in whole["components"].items() for name in table
    }
    assert found
    assert found <= known


def test_operations_have_names_of_their_own(whole: Document) -> None:
    operations = [
        operation["operationId"]
        for item in whole["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]
    assert [name for name, count in Counter(operations).items() if count > 1] == []


def test_there_is_one_way_to_identify_oneself_with_every_scope(whole: Document) -> None:
    [(name, scheme)] = whole["components"]["securitySchemes"].items()
    assert name == "oauth2"
    assert scheme["flows"]["clientCredentials"]["scopes"].keys() == SCOPES.keys()
    used = {
        scope
        for item in whole["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
        for demand in operation.get("security", [])
        for scopes in demand.values()
        for scope in scopes
    }
    assert used <= SCOPES.keys()


def test_paths_stand_under_v1_unless_they_say_otherwise(whole: Document) -> None:
    assert [server["url"] for server in whole["servers"]] == ["/v1"]
    outside = {path for path, item in whole["paths"].items() if "servers" in item}
    assert outside == {
        "/",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource",
        "/.well-known/openid-configuration",
        "/oauth2/introspect",
        "/oauth2/jwks",
        "/oauth2/revoke",
        "/oauth2/token",
        "/oauth2/userinfo",
        "/verify/{code}",
    }
    assert {whole["paths"][path]["servers"][0]["url"] for path in outside} == {"/"}
    assert not [path for path in whole["paths"] if path.startswith("/v1")]


def test_me_needs_a_token_and_problems_do_not() -> None:
    paths = own_document()["paths"]
    assert paths["/me"]["get"]["security"] == [{"oauth2": []}]
    assert paths["/problems"]["get"]["security"] == [{}]


async def test_the_contract_is_served(client: httpx.AsyncClient, whole: Document) -> None:
    answer = await client.get("/v1/openapi.json")
    assert answer.json() == whole
    assert answer.headers["content-type"] == "application/json"


async def test_one_catalogue_lists_the_codes_of_all_four_processes(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    items = (await client.get("/v1/problems")).json()["items"]
    listed = {item["code"]: item for item in items}
    assert [item["code"] for item in items] == sorted(listed)
    for name, part in catalogue.catalogues().items():
        assert part.entries.keys() <= listed.keys(), name
    assert listed["GATEWAY_TIMEOUT"]["status"] == 504
    assert listed["COMMUNE_UNKNOWN"]["title"]["fr"] == "Commune inconnue"
    assert listed["NOT_FOUND"]["type"] == f"{gateway.url}/v1/problems/NOT_FOUND"


def test_no_two_processes_mean_different_things_by_one_code() -> None:
    statuses: dict[str, set[int]] = {}
    for part in catalogue.catalogues().values():
        for code, entry in part.entries.items():
            statuses.setdefault(code, set()).add(entry.status)
    assert statuses
    assert {code for code, found in statuses.items() if len(found) > 1} == set()


async def test_the_type_of_a_problem_leads_to_its_explanation(client: httpx.AsyncClient) -> None:
    refused = problem(await client.get("/v1/me"))
    explained = (await client.get(refused["type"])).json()
    assert (explained["code"], explained["status"]) == ("UNAUTHENTICATED", 401)
    assert explained["remedy"]["fr"] == refused["remedy"]
    unknown = await client.get("/v1/problems/NO_SUCH_CODE")
    assert problem(unknown)["code"] == "NOT_FOUND"


async def test_an_unknown_parameter_is_refused_here_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/problems?status=404")
    assert problem(answer)["code"] == "MALFORMED_REQUEST"

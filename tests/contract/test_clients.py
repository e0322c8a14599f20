"""What is told to the generators is the contract, in the words that they understand."""

from contract.released import current
from contract.sdk import for_generators
from contract.unions import with_tables, with_whole_bodies


def test_paths_are_whole_and_none_is_lost() -> None:
    told = for_generators(current())
    assert told["servers"] == [{"url": "/"}]
    assert len(told["paths"]) == len(current()["paths"])
    assert {"/v1/filings/{id}", "/oauth2/token", "/verify/{code}", "/"} <= told["paths"].keys()
    assert not [path for path, item in told["paths"].items() if "servers" in item]


def test_public_operations_demand_nothing_and_guarded_ones_what_they_did() -> None:
    paths = for_generators(current())["paths"]
    assert paths["/v1/cooperatives"]["get"]["security"] == []
    assert paths["/v1/me"]["get"]["security"] == [{"oauth2": []}]


def test_a_choice_of_bodies_keeps_the_name_and_the_class_that_it_had_as_one_body() -> None:
    before = current()
    told = with_whole_bodies(before)
    schemas = told["components"]["schemas"]
    whole = schemas["FilingWrite"]
    assert whole["properties"]["type"] == {"$ref": "#/components/schemas/FilingType"}
    shapes = {one["$ref"].rpartition("/")[2] for one in whole["properties"]["payload"]["anyOf"]}
    assert {"Registration", "NameChange"} <= shapes
    assert len(shapes) == len(schemas["FilingType"]["enum"])
    content = told["paths"]["/filings"]["post"]["requestBody"]["content"]["application/json"]
    names = [one["$ref"].rpartition("/")[2] for one in content["schema"]["oneOf"]]
    assert names[:2] == ["FilingWrite", "RegistrationFilingWrite"]
    assert "oneOf" in before["components"]["schemas"]["FilingWrite"]  # the contract is not touched


def test_what_is_said_under_a_condition_becomes_a_table() -> None:
    schemas = with_tables(current())["components"]["schemas"]
    table = schemas["FilingReadByType"]
    assert set(table["required"]) == set(table["properties"]) == set(schemas["FilingType"]["enum"])
    assert table["properties"]["CHANGE_OF_SEAT"] == {"$ref": "#/components/schemas/SeatChangeShown"}
    assert "allOf" not in schemas["FilingRead"]
    assert "allOf" in current()["components"]["schemas"]["FilingRead"]

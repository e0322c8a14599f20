"""What is told to the generators is the contract, in the words that they understand."""

from contract.released import current
from contract.sdk import for_generators


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

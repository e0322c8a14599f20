import json

import pytest

from gateway.contract.document import COMMITTED, committed
from gateway.routes_table import find
from gateway.settings import SERVICES

SAMPLES = {
    "/code-lists/divisions": "registry",
    "/filings/0198/decisions": "registry",
    "/cooperatives": "registry",
    "/members/0198": "registry",
    "/me/data-accesses": "registry",
    "/me/personal-data": "registry",
    "/me/member-links": "registry",
    "/data-requests/0198/decisions": "registry",
    "/cooperatives/0198/allowed-actions": "registry",
    "/initiatives": "registry",
    "/events": "registry",
    "/ledger": "registry",
    "/operations/0198": "registry",
    "/snapshots/latest": "registry",
    "/statistics/cooperatives": "registry",
    "/verifications/R7KQ2M9XD4TBW": "registry",
    "/signing-keys/reg-202611-abcdef": "registry",
    "/training-sessions/0198": "training",
    "/tool-versions": "training",
    "/statistics/training": "training",
    "/verifications/T7KQ2M9XD4TBW": "training",
    "/signing-keys/trn-202611-abcdef": "training",
    "/financing-applications/0198/appeals": "financing",
    "/lender/assignments/0198/decisions": "financing",
    "/lenders": "financing",
    "/offers/0198/acceptances": "financing",
    "/repayment-schedules": "financing",
    "/rate-calculations": "financing",
    "/statistics/financing": "financing",
    "/verifications/F7KQ2M9XD4TBW": "financing",
    "/signing-keys/fin-202611-abcdef": "financing",
}


@pytest.mark.parametrize("path", SAMPLES)
def test_the_contract_names_one_service_for_each_address(path: str) -> None:
    way = find(f"/v1{path}".encode())
    assert way is not None
    assert way.service == SAMPLES[path]


@pytest.mark.parametrize(
    "path",
    [
        "/cooperatives/0198/overview",
        "/me",
        "/me/limits",
        "/me/profile",
        "/problems",
        "/problems/NOT_FOUND",
        "/openapi.json",
    ],
)
def test_the_gateway_keeps_what_is_its_own(path: str) -> None:
    assert find(f"/v1{path}".encode()) is None


def _paths() -> list[tuple[str, str]]:
    return [(name, path) for name, found in committed().items() for path in found["paths"]]


def test_what_the_services_committed_is_read() -> None:
    present = {name for name in SERVICES if (COMMITTED / f"{name}.json").exists()}
    assert set(committed()) == present


@pytest.mark.parametrize(("service", "path"), _paths())
def test_every_committed_address_leads_to_its_service(service: str, path: str) -> None:
    samples = {
        "registry": ("R7KQ2M9XD4TBW", "reg-1"),
        "training": ("T7KQ2M9XD4TBW", "trn-1"),
        "financing": ("F7KQ2M9XD4TBW", "fin-1"),
    }
    code, kid = samples[service]
    filled = path.replace("{code}", code).replace("{kid}", kid)
    way = find(f"/v1{filled}".encode())
    assert way is not None, path
    assert way.service == service


def test_a_way_is_named_in_the_log_without_what_follows_it() -> None:
    way = find(b"/v1/verifications/R7KQ2M9XD4TBW")
    assert way is not None
    assert json.dumps(way.path) == '"/v1/verifications"'

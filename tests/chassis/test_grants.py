"""What a token says was lent: read strictly, and worth nothing beyond the token's own scopes."""

import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.auth import GATEWAY_ISSUER, INTERNAL_TYP, MAX_GRANTS, Caller, Grant, Verifier
from chassis.errors import Unauthenticated
from chassis.jose import LocalKeys, Signer
from chassis.keys import new_private_jwk, public_jwk

OWN = new_private_jwk("gw-1")
SIGNER = Signer(OWN)
SUBJECT = "0198a000-0000-7000-8000-000000000007"
LENT: dict[str, Any] = {"org": "org-2", "subject": SUBJECT, "scopes": ["filings:write"]}


def token(**changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": GATEWAY_ISSUER,
        "aud": "registry",
        "sub": "app-1",
        "client_id": "app-1",
        "org": "org-1",
        "scope": "filings:write training:read",
        "roles": [],
        "territory": [],
        "jti": uuid4().hex,
        "iat": now,
        "exp": now + 60,
    }
    return SIGNER.token(claims | changes, INTERNAL_TYP)


async def caller(**changes: Any) -> Caller:
    return await Verifier(LocalKeys([public_jwk(OWN)]), "registry").caller(token(**changes))


async def test_a_caller_is_remembered_no_longer_than_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, keys = time.time(), LocalKeys([public_jwk(OWN)])
    verifier = Verifier(keys, "registry")
    brought = token(iat=int(now), exp=int(now) + 3_600)
    await verifier.caller(brought)
    keys._keys.clear()  # dropped, as a key in wrong hands is
    assert await verifier.caller(brought)
    monkeypatch.setattr(time, "time", lambda: now + 90)
    with pytest.raises(Unauthenticated):
        await verifier.caller(brought)


async def test_no_claim_is_no_grant() -> None:
    assert (await caller()).grants == ()
    assert (await caller(grants=[])).grants == ()


async def test_what_was_lent_is_read() -> None:
    found = await caller(grants=[LENT])
    assert found.grants == (Grant("org-2", SUBJECT, frozenset(["filings:write"])),)


@pytest.mark.parametrize(
    "grants",
    [
        None,
        "org-2",
        LENT,
        ["org-2"],
        [None],
        [[LENT]],
        [{}],
        [LENT | {"org": None}],
        [LENT | {"org": ""}],
        [LENT | {"subject": 7}],
        [LENT | {"subject": "subject-7"}],
        [LENT | {"subject": SUBJECT.upper()}],
        [LENT | {"subject": f"{{{SUBJECT}}}"}],
        [LENT | {"scopes": "filings:write"}],
        [LENT | {"scopes": []}],
        [LENT | {"scopes": [["filings:write"]]}],
        [LENT | {"until": 7}],
        [LENT, {"org": "org-2", "subject": SUBJECT}],
        [LENT] * (MAX_GRANTS + 1),
    ],
    ids=lambda grants: str(grants)[:60],
)
async def test_a_claim_that_is_not_quite_right_is_refused(grants: Any) -> None:
    with pytest.raises(Unauthenticated):
        await caller(grants=grants)


async def test_a_person_is_lent_nothing() -> None:
    assert (await caller(sid="family-1")).grants == ()
    with pytest.raises(Unauthenticated):
        await caller(sid="family-1", grants=[LENT])


async def test_the_longest_list_of_the_widest_grants_still_fits_into_a_token() -> None:
    scopes = [
        *("cooperatives:read", "cooperatives.members:read", "filings:write", "training:read"),
        *("training:enrol", "financing:apply", "events:read"),
    ]
    widest = [
        {"org": str(uuid4()), "subject": str(uuid4()), "scopes": scopes} for _ in range(MAX_GRANTS)
    ]
    assert len((await caller(grants=widest, scope=" ".join(scopes))).grants) == MAX_GRANTS


async def test_a_scope_is_lent_only_as_far_as_the_caller_holds_it() -> None:
    lent = [LENT | {"scopes": ["filings:write", "financing:apply"]}]
    found = await caller(grants=lent)
    assert found.lent("filings:write") == {("org-2", UUID(SUBJECT))}
    assert found.lent("financing:apply") == frozenset()
    assert found.lent("training:read") == frozenset()
    assert found.lent() == frozenset()


async def test_what_is_lent_is_one_subject_of_one_organisation() -> None:
    found = await caller(grants=[LENT])
    assert found.owns("org-1", uuid4())
    assert found.owns("org-2", UUID(SUBJECT), "training:read", "filings:write")
    assert not found.owns("org-2", UUID(SUBJECT), "training:read")
    assert not found.owns("org-2", UUID(SUBJECT))
    assert not found.owns("org-2", uuid4(), "filings:write")
    assert not found.owns("org-3", UUID(SUBJECT), "filings:write")

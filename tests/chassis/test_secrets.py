"""What must not be read by others: sealed fields, key files, and what logs would say."""

import json
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from chassis import trace
from chassis.keys import KeyFile, ensure_keys, new_private_jwk
from chassis.logs import mask
from chassis.vault import Vault, ensure_vault

CONTEXT = "person/1/nin"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    ensure_vault(tmp_path / "vault.json")
    return tmp_path / "vault.json"


@pytest.mark.parametrize("value", ["", "1 751 1987 00123", "é\u0000\U0001f600", "x" * 10_000])
def test_a_sealed_value_opens_where_it_was_sealed(path: Path, value: str) -> None:
    vault = Vault(path)
    sealed = vault.seal(value, CONTEXT)
    assert value == "" or value not in sealed
    assert vault.open(sealed, CONTEXT) == value


def test_a_sealed_value_opens_nowhere_else(path: Path) -> None:
    vault = Vault(path)
    sealed = vault.seal("secret", CONTEXT)
    for elsewhere in ("person/2/nin", "person/1/phone", ""):
        with pytest.raises(InvalidTag):
            vault.open(sealed, elsewhere)


def test_equal_values_are_sealed_differently_and_blinded_equally(path: Path) -> None:
    vault = Vault(path)
    assert vault.seal("secret", CONTEXT) != vault.seal("secret", CONTEXT)
    assert vault.blind("secret") == vault.blind("secret") != vault.blind("Secret")


def test_a_changed_value_does_not_open(path: Path) -> None:
    vault = Vault(path)
    version, kid, content = vault.seal("secret", CONTEXT).split(".")
    spelt = content[:20] + ("B" if content[20] != "B" else "C") + content[21:]
    with pytest.raises(InvalidTag):
        vault.open(f"{version}.{kid}.{spelt}", CONTEXT)


def test_old_values_open_after_a_rotation(path: Path) -> None:
    sealed = Vault(path).seal("secret", CONTEXT)
    blind = Vault(path).blind("secret")
    content = json.loads(path.read_text())
    content["keys"]["newer"] = "11" * 32
    path.write_text(json.dumps(content | {"current": "newer"}))
    rotated = Vault(path)
    assert rotated.open(sealed, CONTEXT) == "secret"
    assert rotated.seal("secret", CONTEXT).startswith("v1.newer.")
    assert rotated.blind("secret") == blind


def test_the_vault_of_another_opens_nothing(path: Path, tmp_path: Path) -> None:
    ensure_vault(tmp_path / "other.json")
    sealed = Vault(path).seal("secret", CONTEXT)
    other = Vault(tmp_path / "other.json")
    with pytest.raises(KeyError):
        other.open(sealed, CONTEXT)
    assert other.blind("secret") != Vault(path).blind("secret")


def test_key_files_are_for_their_owner_and_never_replaced(tmp_path: Path) -> None:
    for name, make in (
        ("keys.json", lambda path: ensure_keys(path, "reg")),
        ("vault.json", ensure_vault),
    ):
        path = tmp_path / "deep" / name
        make(path)
        before = path.read_bytes()
        make(path)
        assert path.read_bytes() == before
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(p.name for p in (tmp_path / "deep").iterdir()) == ["keys.json", "vault.json"]


def test_one_key_signs_and_all_are_published(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    ensure_keys(path, "reg")
    content = json.loads(path.read_text())
    content["keys"].insert(0, {**new_private_jwk("reg-old"), "status": "previous"})
    path.write_text(json.dumps(content))
    keys = KeyFile(path)
    assert keys.current["kid"] != "reg-old"
    assert [key["status"] for key in keys.private] == ["previous", "current", "next"]
    assert [key["kid"] for key in keys.public()] == [key["kid"] for key in keys.private]
    assert all("d" not in key and "status" not in key for key in keys.public())


@pytest.mark.parametrize(
    "secret",
    [
        "77 123 45 67",
        "771234567",
        "+221771234567",
        "221 33 821 00 00",
        "1 751 1987 00123",
        "2751198700123",
        "1-751-1987-00123",
        "awa.diop@example.sn",
        "awa+x@mail.example.sn",
    ],
)
def test_what_names_a_person_is_masked(secret: str) -> None:
    for sentence in (secret, f"nin={secret}.", f'{{"phone": "{secret}"}}', f"({secret})"):
        assert secret not in mask(sentence)
        assert "[masked]" in mask(sentence)


def test_what_we_name_ourselves_is_never_masked_and_what_others_name_is() -> None:
    ours = [trace.new_hex() for _ in range(50_000)]
    assert [mask(id) for id in ours] == ours
    assert len(set(ours)) == len(ours)
    assert mask("ab771234567cdef0") == "ab[masked]cdef0"


@pytest.mark.parametrize(
    "harmless", ["2026-05-01T10:00:00.000Z", "POST /v1/notes 201", "12500000 XOF", "R7KQ2M9XD4TBWV"]
)
def test_what_names_nobody_is_kept(harmless: str) -> None:
    assert mask(harmless) == harmless

"""A person's own key: what it sealed opens with it, in its place, and with nothing else."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from chassis.data_keys import DataKey, key_of
from chassis.vault import Vault, ensure_vault

PLACE = "member/7/nin"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "vault.json"
    ensure_vault(made)
    return made


def test_a_wrapped_key_opens_what_it_sealed(path: Path) -> None:
    vault = Vault(path)
    key = vault.new_key()
    sealed = key.seal("2901234567890", PLACE)
    kek, wrapped = vault.wrap(key)
    assert len(wrapped) == 60
    assert key_of(sealed) == key.id
    assert Vault(path).unwrap(key.id, kek, wrapped).open(sealed, PLACE) == "2901234567890"


def test_a_value_opens_neither_elsewhere_nor_with_the_key_of_another(path: Path) -> None:
    one, other = DataKey.made(), DataKey.made()
    sealed = one.seal("2901234567890", PLACE)
    with pytest.raises(InvalidTag):
        one.open(sealed, "member/8/nin")
    with pytest.raises(InvalidTag):
        DataKey(one.id, other.secret).open(sealed, PLACE)


def test_a_wrapped_key_cannot_be_put_under_another_name(path: Path) -> None:
    vault = Vault(path)
    kek, wrapped = vault.wrap(vault.new_key())
    with pytest.raises(InvalidTag):
        vault.unwrap(uuid4(), kek, wrapped)


def test_no_key_is_written_by_repr(path: Path) -> None:
    key = DataKey.made()
    assert key.secret.hex() not in repr(key)
    assert str(key.secret) not in repr(key)


def test_a_key_that_another_process_began_to_use_is_found_at_once(path: Path) -> None:
    here, there = Vault(path), Vault(path)
    here.seal("warm", PLACE)
    content = json.loads(path.read_text())
    content["keys"]["fresh1"], content["current"] = "ab" * 32, "fresh1"
    path.write_text(json.dumps(content))
    there = Vault(path)
    key = there.new_key()
    kek, wrapped = there.wrap(key)
    assert kek == "fresh1"
    assert here.unwrap(key.id, kek, wrapped).secret == key.secret


def test_a_file_that_is_broken_while_we_live_changes_nothing(path: Path) -> None:
    vault = Vault(path)
    sealed = vault.seal("it", PLACE)
    path.write_text("{")
    vault._looked_at = float("-inf")
    assert vault.open(vault.seal("more", PLACE), PLACE) == "more"
    assert vault.open(sealed, PLACE) == "it"
    with pytest.raises(json.JSONDecodeError):
        Vault(path)

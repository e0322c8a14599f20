"""Signing keys are rotated while the processes live, without a moment in which a key is unknown."""

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from chassis import jose
from chassis import keys as keys_module
from chassis.keys import KeyFile, ensure_keys
from chassis.own_keys import OwnKeys, OwnSigner
from chassis.rotation import Rotation, RotationRefused

KEEP = timedelta(days=1, minutes=15)
EXPECTED = jose.Expected("at+jwt", "here", "here")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keys_module, "_LOOK_S", -1.0)  # look at each use
    found = tmp_path / "keys.json"
    ensure_keys(found, "gw")
    return found


@pytest.fixture
def rotation(path: Path) -> Rotation:
    return Rotation(path, KEEP)


def statuses(path: Path) -> list[str]:
    return [key["status"] for key in json.loads(path.read_text())["keys"]]


def age(path: Path, name: str, by: timedelta) -> None:
    """Let something have happened longer ago."""
    content = json.loads(path.read_text())
    for key in content["keys"]:
        if name in key:
            key[name] = (datetime.fromisoformat(key[name]) - by).isoformat()
    path.write_text(json.dumps(content))


def signed(signer: jose.Signer) -> str:
    now = int(datetime.now(UTC).timestamp())
    said = {"iss": "here", "aud": "here", "sub": "s", "jti": "j", "iat": now, "exp": now + 60}
    return signer.token(said, "at+jwt")


def test_the_next_key_is_published_a_day_before_it_signs(path: Path, rotation: Rotation) -> None:
    file = KeyFile(path)
    first = file.current["kid"]
    assert statuses(path) == ["current", "next"]
    assert len(file.public()) == 2
    with pytest.raises(RotationRefused, match="may sign from"):
        rotation.rotate(now=False)
    age(path, "published_at", timedelta(hours=23, minutes=59))
    with pytest.raises(RotationRefused):
        rotation.rotate(now=False)
    age(path, "published_at", timedelta(minutes=1))
    said = rotation.rotate(now=False)
    assert statuses(path) == ["previous", "current", "next"]
    assert file.current["kid"] != first
    assert f"{first} stays published for 1 day, 0:15:00" in said


def test_a_file_of_an_earlier_version_publishes_its_next_key_first(
    path: Path, rotation: Rotation
) -> None:
    content = json.loads(path.read_text())
    content["keys"] = content["keys"][:1]
    path.write_text(json.dumps(content))
    first = KeyFile(path).current["kid"]
    assert "is published; rotate again from" in rotation.rotate(now=False)
    assert statuses(path) == ["current", "next"]
    assert KeyFile(path).current["kid"] == first


def test_in_an_emergency_the_key_changes_at_once(path: Path, rotation: Rotation) -> None:
    keys = [key["kid"] for key in KeyFile(path).public()]
    age(path, "published_at", timedelta(minutes=5, seconds=1))
    assert "was published less than" not in rotation.rotate(now=True)
    assert statuses(path) == ["previous", "current", "next"]
    # whoever has read our keys before knows the one that signs now
    assert KeyFile(path).current["kid"] == keys[1]
    assert "was published less than 5 minutes ago" in rotation.rotate(now=True)
    assert statuses(path) == ["previous", "previous", "current", "next"]


async def test_a_living_process_signs_with_the_new_key_and_knows_the_old_one(
    path: Path, rotation: Rotation
) -> None:
    file = KeyFile(path, KEEP)
    signer, known = OwnSigner(file), OwnKeys(file)
    old, before = signed(signer), signer.kid
    rotation.rotate(now=True)
    new = signed(signer)
    assert signer.kid != before
    for token in (old, new):
        assert (await jose.verify(token, known, EXPECTED))["sub"] == "s"


async def test_a_retired_key_is_unpublished_when_its_time_is_over(
    path: Path, rotation: Rotation
) -> None:
    file = KeyFile(path, KEEP)
    known = OwnKeys(file)
    old = signed(OwnSigner(KeyFile(path)))
    rotation.rotate(now=True)
    age(path, "retired_at", KEEP - timedelta(minutes=1))
    assert await jose.verify(old, known, EXPECTED)
    age(path, "retired_at", timedelta(minutes=2))
    with pytest.raises(jose.TokenRefused, match="kid"):
        await jose.verify(old, known, EXPECTED)
    assert len(file.public()) == 2
    assert any(line.split()[1] == "over" for line in rotation.lines())
    assert "Dropped: gw-" in rotation.drop(None, now=False)
    assert statuses(path) == ["current", "next"]


def test_a_key_is_dropped_before_its_time_only_by_name_and_at_once(
    path: Path, rotation: Rotation
) -> None:
    first = KeyFile(path).current["kid"]
    rotation.rotate(now=True)
    assert rotation.drop(None, now=False) == "Dropped: none."
    assert rotation.drop(None, now=True) == "Dropped: none."
    with pytest.raises(RotationRefused, match="not a retired key"):
        rotation.drop(first, now=False)
    assert first in rotation.drop(first, now=True)
    assert first not in path.read_text()


@pytest.mark.parametrize("kid", [lambda file: file.current["kid"], lambda _: "gw-nobody"])
def test_what_signs_cannot_be_dropped(
    path: Path, rotation: Rotation, kid: Callable[[KeyFile], str]
) -> None:
    with pytest.raises(RotationRefused):
        rotation.drop(kid(KeyFile(path)), now=True)
    assert statuses(path) == ["current", "next"]


def test_keys_of_proofs_stay_published_for_ever(path: Path) -> None:
    rotation = Rotation(path, None)
    first = KeyFile(path).current["kid"]
    assert "stays published for ever" in rotation.rotate(now=True)
    age(path, "retired_at", timedelta(days=36_500))
    assert first in {key["kid"] for key in KeyFile(path, None).public()}
    for kid in (None, first):
        with pytest.raises(RotationRefused, match="for ever"):
            rotation.drop(kid, now=True)


def test_no_private_half_and_no_status_is_published(path: Path, rotation: Rotation) -> None:
    rotation.rotate(now=True)
    for key in KeyFile(path).public():
        assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_sealed_with_the_file_outlives_its_keys(path: Path, rotation: Rotation) -> None:
    content = json.loads(path.read_text())
    del content["secret"]  # a file of an earlier version
    path.write_text(json.dumps(content))
    file = KeyFile(path)
    before = file.secret
    rotation.rotate(now=True)
    rotation.rotate(now=True)
    assert file.secret == before


@pytest.mark.parametrize(
    "broken", ["", "{", '{"keys": []}', '{"keys": [{"kid": "x", "status": "next"}]}', None]
)
def test_a_broken_file_changes_nothing_in_a_living_process(path: Path, broken: str | None) -> None:
    file = KeyFile(path)
    kid = file.current["kid"]
    if broken is None:
        path.unlink()
    else:
        path.write_text(broken)
    assert file.current["kid"] == kid


def test_two_operators_at_once_come_one_after_the_other(path: Path, rotation: Rotation) -> None:
    acts = [Thread(target=rotation.rotate, kwargs={"now": True}) for _ in range(6)]
    for act in acts:
        act.start()
    for act in acts:
        act.join()
    assert sorted(statuses(path)) == ["current", "next", *["previous"] * 6]


def test_the_command_of_every_process(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from chassis import logs
    from chassis.serve import main

    monkeypatch.setattr(logs, "configure", lambda _: None)  # it would outlive this test's terminal
    service: Any = _service(path)
    main(lambda: service, ["keys", "list"])
    assert capsys.readouterr().out.startswith("gw-")
    with pytest.raises(SystemExit, match="may sign from"):
        main(lambda: service, ["keys", "rotate"])
    main(lambda: service, ["keys", "rotate", "--now"])
    with pytest.raises(SystemExit, match="for ever"):
        main(lambda: service, ["keys", "drop"])


def _service(path: Path) -> Any:
    from services.registry.app import define
    from services.registry.settings import RegistrySettings

    return define(RegistrySettings(database_url="postgresql://nobody/nothing", keys_file=path))

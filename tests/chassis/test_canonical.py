"""One spelling of a JSON value: the quick writer says the same as the careful one, to the byte."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785

from chassis.canonical import canonical

_CHARACTERS = [*map(chr, range(0xD800)), *map(chr, range(0xE000, 0x10000)), "𐀀", "🦀", "􏿿"]
_DICE = random.Random(8785)


def text() -> str:
    return "".join(_DICE.choices(_CHARACTERS, k=_DICE.randint(0, 12)))


def anything(depth: int = 3) -> Any:
    simple: list[Callable[[], Any]] = [
        text,
        lambda: _DICE.randint(-(2**53) + 1, 2**53 - 1),
        lambda: None,
        lambda: True,
    ]
    odd: list[Callable[[], Any]] = [
        lambda: _DICE.uniform(-1e25, 1e25),
        lambda: 1e-7,
        lambda: 5.0,
        lambda: -0.0,
    ]
    if depth == 0 or _DICE.random() < 0.4:
        return _DICE.choice([*simple, *simple, *odd])()
    if _DICE.random() < 0.5:
        return [anything(depth - 1) for _ in range(_DICE.randint(0, 4))]
    return {text(): anything(depth - 1) for _ in range(_DICE.randint(0, 6))}


def test_every_character_is_written_as_rfc_8785_writes_it() -> None:
    for character in _CHARACTERS:
        value = {"n": character, "a": [character * 2]}
        assert canonical(value) == rfc8785.dumps(value), hex(ord(character))


def test_any_value_is_written_as_rfc_8785_writes_it() -> None:
    for _ in range(5_000):
        value = anything()
        assert canonical(value) == rfc8785.dumps(value), value


def test_names_are_sorted_by_utf_16() -> None:
    value = {"\ue000": 1, "😀": 2, "a": 3, "é": 4}
    assert canonical(value) == '{"a":3,"é":4,"😀":2,"\ue000":1}'.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf"), "\ud800", {1: 2}])
def test_what_the_format_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical({"n": value})

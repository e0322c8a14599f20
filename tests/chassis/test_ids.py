"""Identifiers that sort by time, and codes that a tired reader cannot mistake."""

from uuid import UUID

import pytest
from stdnum.iso7064 import mod_37_2

from chassis.ids import is_code, new_code, new_id


def test_ids_are_version_7_and_grow_with_time() -> None:
    made = [new_id() for _ in range(1000)]
    assert {id.version for id in made} == {7}
    assert {id.variant for id in made} == {UUID(int=made[0].int).variant}
    assert made == sorted(made)
    assert len(set(made)) == 1000


@pytest.fixture(scope="module")
def code() -> str:
    return new_code("R")


def test_every_new_code_is_one() -> None:
    made = [new_code("T") for _ in range(500)]
    assert all(is_code(code, "T") and len(code) == 14 for code in made)
    assert len(set(made)) == 500
    assert not set("".join(c[1:13] for c in made)) & set("01ILOU")


def test_the_check_character_that_no_address_can_hold_is_never_used() -> None:
    bodies = ("R" + format(number, "012X") for number in range(2000))
    body = next(b for b in bodies if mod_37_2.calc_check_digit(b) == "*")
    assert not is_code(f"{body}*", "R")
    assert not is_code(f"{body}0", "R")


@pytest.mark.parametrize("at", range(1, 14))
def test_no_single_character_of_a_code_may_be_another(code: str, at: int) -> None:
    others = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") - {code[at]}
    assert not [c for c in others if is_code(code[:at] + c + code[at + 1 :], "R")]


@pytest.mark.parametrize("at", range(1, 13))
def test_no_two_neighbours_of_a_code_may_change_places(code: str, at: int) -> None:
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert swapped == code or not is_code(swapped, "R")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "R",
        *("R" * length for length in (13, 14, 15)),
        "r7kq2m9xd4tbwv",
        "R7KQ-M9XD4TBWV",
        "R7KQ2M9XD4TBW*",
        "R7KQ2M9XD4TB١V",
        "R7KQ2M9XD4TBÉV",
        "R7KQ2M9XD4TB\n0",
        " R7KQ2M9XD4TBW",
        "T" + "2" * 13,
    ],
)
def test_what_is_no_code_is_said_to_be_none(wrong: str) -> None:
    assert is_code(wrong, "R") is False

"""Reads that become one query."""

import asyncio

from chassis.gathered import Gathered


class Shelf:
    """Finds what it holds, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    async def find(self, keys: list[int]) -> dict[int, str]:
        self.asked.append(sorted(keys))
        await asyncio.sleep(0)
        if -1 in keys:
            raise OSError("gone")
        return {key: f"thing {key}" for key in keys if key < 1_000}


async def _told(shelf: Shelf, *keys: int) -> list[tuple[int, str | None]]:
    gathered: Gathered[int, str] = Gathered(shelf.find)
    told: list[tuple[int, str | None]] = []
    done = asyncio.Event()

    def tell(key: int, found: str | None) -> None:
        told.append((key, found))
        if len(told) == len(keys):
            done.set()

    for key in keys:
        gathered.ask(key, lambda found, key=key: tell(key, found))  # type: ignore[misc]
    await asyncio.wait_for(done.wait(), 5)
    return told


async def test_one_turn_is_one_query_and_each_is_told_their_own() -> None:
    shelf = Shelf()
    assert await _told(shelf, 3, 1, 3, 2_000) == [
        (3, "thing 3"),
        (1, "thing 1"),
        (3, "thing 3"),
        (2_000, None),
    ]
    assert shelf.asked == [[1, 3, 2_000]]


async def test_no_query_asks_for_more_than_a_hundred() -> None:
    shelf = Shelf()
    told = await _told(shelf, *range(250))
    assert sorted(told) == [(key, f"thing {key}") for key in range(250)]
    assert [len(keys) for keys in shelf.asked] == [100, 100, 50]


async def test_whoever_asked_is_told_when_nothing_can_be_known() -> None:
    assert await _told(Shelf(), -1, 5) == [(-1, None), (5, None)]


async def test_whoever_waits_hears_why_nothing_can_be_known() -> None:
    gathered: Gathered[int, str] = Gathered(Shelf().find)
    told = await asyncio.gather(*(gathered.get(n) for n in (-1, 5)), return_exceptions=True)
    assert [type(one) for one in told] == [OSError, OSError]
    assert await gathered.get(5) == "thing 5"
    assert await gathered.get(2_000) is None


async def test_whoever_asks_while_two_queries_are_under_way_goes_with_the_others() -> None:
    shelf, gate = Shelf(), asyncio.Event()

    async def find(keys: list[int]) -> dict[int, str]:
        await gate.wait()
        return await shelf.find(keys)

    gathered: Gathered[int, str] = Gathered(find)
    waiting = []
    for key in range(6):
        waiting.append(asyncio.create_task(gathered.get(key)))
        await asyncio.sleep(0.01)
    gate.set()
    assert await asyncio.gather(*waiting) == [f"thing {key}" for key in range(6)]
    assert shelf.asked == [[0], [1], [2, 3, 4, 5]]


async def test_who_left_keeps_nobody_from_their_answer() -> None:
    gathered: Gathered[int, str] = Gathered(Shelf().find)
    left, stays = (asyncio.create_task(gathered.get(n)) for n in (1, 2))
    await asyncio.sleep(0)
    left.cancel()
    assert await stays == "thing 2"


async def test_queries_that_hang_do_not_keep_the_others() -> None:
    shelf, gate = Shelf(), asyncio.Event()

    async def find(keys: list[int]) -> dict[int, str]:
        if min(keys) < 2:
            await gate.wait()
        return await shelf.find(keys)

    gathered: Gathered[int, str] = Gathered(find)
    hung = []
    for key in range(2):
        hung.append(asyncio.create_task(gathered.get(key)))
        await asyncio.sleep(0.01)
    assert await asyncio.wait_for(gathered.get(7), 30) == "thing 7"
    assert not any(one.done() for one in hung)
    gate.set()
    assert await asyncio.gather(*hung) == ["thing 0", "thing 1"]


async def test_one_who_cannot_be_told_keeps_nobody_from_hearing() -> None:
    gathered: Gathered[int, str] = Gathered(Shelf().find)

    def deaf(_: str | None) -> None:
        raise RuntimeError

    for key in range(3):
        gathered.ask(key, deaf)
    told: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    gathered.ask(3, told.set_result)  # in the same query
    assert await asyncio.wait_for(told, 5) == "thing 3"

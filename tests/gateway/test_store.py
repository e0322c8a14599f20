"""What the store keeps, for whom, and who asks for all; with a clock that a test turns."""

import pytest

from gateway.store.entries import Entry, Limits, keeping
from gateway.store.keys import Key, Question, is_open, question
from gateway.store.store import Ending, Flight, Landed, Lead, Store

LIMITS = Limits(fresh_s=5, stale_s=60, bytes=20_000, bytes_each=4_000)
PUBLIC = (b"cache-control", b"public, max-age=60")
LENGTH = (b"content-length", b"2")
SAID = [PUBLIC, LENGTH]
KEY = Key("registry", b"/v1/code-lists/sectors", b"", b"")
ASKED = Question(KEY, None, is_head=False)


class Hand:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def store(hand: Hand) -> Store:
    return Store(LIMITS, hand)


def lead(store: Store, asked: Question = ASKED) -> Lead:
    found = store.ask(asked)
    assert isinstance(found, Lead)
    return found


def follow(store: Store, asked: Question = ASKED) -> list[Landed]:
    found = store.ask(asked)
    assert isinstance(found, Flight)
    told: list[Landed] = []
    found.follow(told.append)
    return told


def fill(store: Store, body: bytes = b"[]", asked: Question = ASKED) -> Entry:
    leading = lead(store, asked)
    leading.begins(200, SAID)
    assert leading.feed(body) is None
    return leading.end()


def asking(number: int) -> Question:
    return Question(KEY._replace(target=b"/v1/cooperatives/%d" % number), None, is_head=False)


def asked_with(*headers: tuple[bytes, bytes], method: str = "GET") -> Question | None:
    return question(method, "registry", b"/v1/x", headers)


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"Bearer x"),
        (b"range", b"bytes=0-1"),
        (b"if-range", b'"7"'),
        (b"connection", b"close, Accept-Language"),
        (b"if-match", b'"7"'),
        (b"if-modified-since", b"Sat, 28 Nov 2026 00:00:00 GMT"),
        (b"cache-control", b"no-cache"),
        (b"pragma", b"no-cache"),
        (b"content-length", b"2"),
        (b"transfer-encoding", b"chunked"),
        (b"accept", b"x" * 3_000),
    ],
)
def test_what_only_the_service_answers(header: tuple[bytes, bytes]) -> None:
    assert asked_with((b"accept", b"*/*"), header) is None


@pytest.mark.parametrize(
    ("path", "is_it"),
    [("/v1/code-lists", True), ("/v1/statistics/filings", True), ("/v1/cooperatives", True),
     ("/v1/filings", False), ("/v1/me/data-accesses", False)],
)  # fmt: skip
def test_only_where_something_is_for_all_anybody_waits_for_others(path: str, is_it: bool) -> None:
    assert is_open(path) is is_it


def test_a_question_is_its_address_and_what_answers_may_vary_by() -> None:
    plain = asked_with((b"content-length", b"0"), (b"traceparent", b"x"))
    assert plain == Question(Key("registry", b"/v1/x", b"", b""), None, is_head=False)
    french = asked_with((b"accept-language", b"fr"), (b"if-none-match", b'"7"'))
    assert french == Question(Key("registry", b"/v1/x", b"", b"fr"), b'"7"', is_head=False)
    assert asked_with(method="HEAD") == Question(plain.key, None, is_head=True)
    assert asked_with(method="POST") is None


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        (b"public, max-age=60", (5, 60)),
        (b"public, max-age=2", (2, 60)),
        (b"Public , Max-Age=3, stale-while-revalidate=300", (3, 60)),
        (b"public, max-age=60, s-maxage=1", (1, 60)),
        (b"public, s-maxage=0, max-age=60", None),
        (b"public, max-age=0", None),
        (b"public", None),
        (b"max-age=60", None),
        (b"private, max-age=60", None),
        (b"public, no-store, max-age=60", None),
        (b"public, no-cache, max-age=60", None),
        (b"public, max-age=60, max-age=2", (2, 60)),
        (b"public, max-age=-1", None),
        (b"public, max-age=x", None),
        (b"public, max-age=60, stale-if-error=7", (5, 7)),
        (b"public, max-age=60, stale-if-error=700", (5, 60)),
        (b"public, max-age=60, must-revalidate", (5, 0)),
        (b"", None),
    ],
)
def test_the_service_says_how_long(cache_control: bytes, seconds: tuple[int, int] | None) -> None:
    assert keeping(200, [(b"cache-control", cache_control), LENGTH], LIMITS) == seconds


@pytest.mark.parametrize(
    "header",
    [
        (b"set-cookie", b"a=b"),
        (b"vary", b"*"),
        (b"vary", b"Accept-Language, X-Mood"),
        (b"cache-control", b"private"),
        (b"content-encoding", b"gzip"),
        (b"content-length", b"4001"),
        (b"content-length", b"x"),
    ],
)
def test_what_is_never_kept(header: tuple[bytes, bytes]) -> None:
    assert keeping(200, [*SAID, header], LIMITS) is None


@pytest.mark.parametrize("status", [201, 204, 206, 301, 304, 400, 401, 403, 404, 410, 429, 500])
def test_only_a_good_answer_is_kept(status: int) -> None:
    assert keeping(status, SAID, LIMITS) is None
    assert keeping(200, [*SAID, (b"vary", b"accept-language, Authorization")], LIMITS)


def test_a_stream_is_not_kept() -> None:
    assert keeping(200, [PUBLIC], LIMITS) is None


def test_an_answer_is_fresh_for_as_long_as_said(store: Store, hand: Hand) -> None:
    entry = fill(store)
    hand.now += 4.9
    assert store.ask(ASKED) is entry
    hand.now += 0.1
    assert isinstance(store.ask(ASKED), Lead)


def test_an_answer_is_as_old_as_its_question(store: Store, hand: Hand) -> None:
    leading = lead(store)
    hand.now += 4
    leading.begins(200, SAID)
    entry = leading.end()
    assert dict(store.answer(entry, ASKED, "stored")[1])[b"age"] == b"4"
    hand.now += 1
    assert isinstance(store.ask(ASKED), Lead)


def test_an_answer_says_how_old_it_is_and_how_it_was_come_by(store: Store, hand: Hand) -> None:
    entry = fill(store, b"[1]")
    hand.now += 3
    status, headers, body = store.answer(entry, ASKED, "hit")
    assert (status, body) == (200, b"[1]")
    assert headers == [
        PUBLIC,
        (b"content-length", b"3"),
        (b"age", b"3"),
        (b"cache-status", b"mboolo; hit; ttl=2"),
    ]


@pytest.mark.parametrize(
    ("known", "status"),
    [
        (b'"7"', 304), (b'W/"7"', 304), (b'"6", "7"', 304), (b"*", 304),
        (b'"6"', 200), (b"7", 200), (b'""', 200), (b"", 200),
    ],
)  # fmt: skip
@pytest.mark.parametrize("tag", [b'"7"', b'W/"7"'])
def test_who_holds_it_is_told_so(store: Store, tag: bytes, known: bytes, status: int) -> None:
    leading = lead(store)
    leading.begins(200, [*SAID, (b"etag", tag), (b"content-type", b"application/json")])
    leading.feed(b"[]")
    entry = leading.end()
    found, headers, body = store.answer(entry, Question(KEY, known, is_head=False), "hit")
    assert found == status
    if status == 304:
        assert body == b""
        assert {name for name, _ in headers} == {b"cache-control", b"etag", b"age", b"cache-status"}


def test_without_a_validator_nobody_holds_it(store: Store) -> None:
    entry = fill(store)
    assert store.answer(entry, Question(KEY, b"*", is_head=False), "hit")[0] == 200


def test_one_asks_for_all(store: Store) -> None:
    leading = lead(store)
    told = [follow(store) for _ in range(50)]
    leading.begins(200, SAID)
    leading.feed(b"[]")
    entry = leading.end()
    assert told == [[entry]] * 50
    assert store.ask(ASKED) is entry


def test_other_questions_are_not_the_same(store: Store) -> None:
    lead(store)
    for change in (
        {"target": b"/v1/code-lists/sectors?x=1"},
        {"languages": b"fr"},
        {"accept": b"text/html"},
        {"service": "training"},
    ):
        lead(store, Question(KEY._replace(**change), None, is_head=False))


def test_a_leader_who_leaves_leaves_the_lead_to_another(store: Store) -> None:
    leading = lead(store)
    told = follow(store)
    leading.leave()
    assert told == [Ending.LEFT]
    lead(store)


def test_so_many_wait_and_no_more_and_who_leaves_makes_room(store: Store) -> None:
    leading = lead(store)
    told = [follow(store) for _ in range(2_000)]
    assert store.ask(ASKED) is None  # asks the service, which has places of its own
    flight = next(iter(store._flights.values()))
    flight.forget(told[0].append)
    flight.forget(told[0].append)
    follow(store)
    assert store.ask(ASKED) is None
    leading.leave()
    assert (told[0], told[1], store.following) == ([], [Ending.LEFT], 0)
    lead(store)


def test_what_is_not_for_all_is_asked_by_each_and_waited_for_by_nobody(
    store: Store, hand: Hand
) -> None:
    leading = lead(store)
    told = follow(store)
    assert leading.begins(200, [(b"cache-control", b"private")]) is None
    assert not leading.is_holding
    assert told == [Ending.NOT_FOR_ALL]
    assert store.ask(ASKED) is None
    hand.now += 11
    lead(store)


def test_what_is_too_large_passes_whole(store: Store) -> None:
    leading = lead(store)
    told = follow(store)
    leading.begins(200, SAID)
    assert leading.feed(b"a" * 4_000) is None
    assert leading.feed(b"b") == b"a" * 4_000 + b"b"
    assert not leading.is_holding
    assert told == [Ending.NOT_FOR_ALL]
    assert (store.flying, store.size) == (0, 0)
    assert store.ask(ASKED) is None


def test_a_sleeping_service_is_bridged_for_a_while(store: Store, hand: Hand) -> None:
    entry = fill(store)
    hand.now += 64
    leading = lead(store)
    told = follow(store)
    assert leading.begins(503, []) is entry
    assert told == [entry]
    _, headers, _ = store.answer(entry, ASKED, "stale")
    status = b"mboolo; hit; detail=stale-if-error; ttl=-59"
    assert (b"cache-status", status) in headers
    hand.now += 1
    assert lead(store).begins(503, []) is None


@pytest.mark.parametrize(
    ("status", "ending"),
    [(503, Ending.FAILED), (504, Ending.LATE), (500, Ending.FAILED)],
)
def test_a_failure_is_told_to_who_follows_and_kept_for_nobody(
    store: Store, status: int, ending: Ending
) -> None:
    leading = lead(store)
    told = follow(store)
    assert leading.begins(status, SAID) is None
    assert told == [ending]
    lead(store)


def test_a_refusal_of_one_is_nothing_to_others(store: Store, hand: Hand) -> None:
    entry = fill(store)
    hand.now += 6
    for status, ending, told_instead in ((400, Ending.LEFT, None), (503, entry, entry)):
        leading = lead(store)
        told = follow(store)
        assert leading.fails(status) is told_instead
        assert told == [ending]


def test_an_answer_that_breaks_off_is_kept_for_nobody(store: Store) -> None:
    leading = lead(store)
    told = follow(store)
    leading.begins(200, SAID)
    leading.feed(b"[")
    assert leading.breaks() is None
    assert told == [Ending.FAILED]
    assert store.flying == 0
    lead(store)


def test_what_was_asked_before_a_change_is_old(store: Store) -> None:
    fill(store)
    store.changed("training")
    assert isinstance(store.ask(ASKED), Entry)
    store.changed("registry")
    leading = lead(store)
    told = follow(store)
    store.changed("registry")
    newer = lead(store)  # who asks after the change does not follow who asked before
    leading.begins(200, SAID)
    entry = leading.end()
    assert told == [entry]
    assert isinstance(store.ask(ASKED), Flight)
    newer.begins(200, SAID)
    newest = newer.end()
    assert store.ask(ASKED) is newest


def test_what_is_older_never_replaces_what_is_newer(store: Store) -> None:
    slow = lead(store)
    store.changed("registry")
    newest = fill(store)
    slow.begins(200, SAID)
    slow.end()
    assert store.ask(ASKED) is newest


def test_what_is_asked_counts_as_much_as_what_is_answered(store: Store) -> None:
    for number in range(100):
        languages = b"%d" % number + b"x" * 2_000
        fill(store, asked=Question(KEY._replace(languages=languages), None, is_head=False))
    assert len(store._entries) * 2_000 <= LIMITS.bytes


def test_memory_is_bounded_and_who_was_not_read_longest_is_forgotten(store: Store) -> None:
    for number in range(100):
        fill(store, b"x" * 1_000, asking(number))
        if number:
            assert isinstance(store.ask(asking(0)), Entry)
        assert store.size <= LIMITS.bytes
    kept = [n for n in range(100) if isinstance(store.look(asking(n).key), Entry)]
    assert kept[0] == 0
    assert kept[1:] == list(range(100 - len(kept) + 1, 100))


def test_who_holds_a_version_leads_only_for_what_is_known_to_be_for_all(
    store: Store, hand: Hand
) -> None:
    conditional = Question(KEY, b'"7"', is_head=False)
    assert store.ask(conditional) is None
    fill(store)
    hand.now += 6
    lead(store, conditional)


def test_head_is_answered_from_what_is_kept_and_asks_for_nobody(store: Store) -> None:
    head = Question(KEY, None, is_head=True)
    assert store.ask(head) is None
    entry = fill(store)
    assert store.ask(head) is entry

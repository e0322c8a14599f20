"""What a process counts, cheaply, for whoever reads `/metrics`.

Counting is a look into a dictionary and an addition; prometheus-client gives the names of the
process's own figures and the format, when somebody asks. Everything is counted on the event loop,
so that nothing needs a lock. A label is one of few words of ours (a template of a route, a name of
a service), never anything that a caller chose; what goes beyond `most` series is counted as `-`.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_UNKNOWN: Final = "-"
# From a ready answer (0.5 ms) to the longest that a caller is let wait.
_BOUNDS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
)  # fmt: skip
_NAME = "http_request_duration_seconds"
_ANSWERED = "# HELP http_requests_total Requests answered.\n# TYPE http_requests_total counter\n"
_LASTED = (
    f"# HELP {_NAME} From the head of a request to the end of its answer.\n"
    f"# TYPE {_NAME} histogram\n"
)
_UNDER_WAY = (
    "# HELP http_requests_in_flight Requests not answered yet.\n"
    "# TYPE http_requests_in_flight gauge\nhttp_requests_in_flight "
)
_LE = (*(str(bound) for bound in _BOUNDS), "+Inf")


class Counter:
    """Something that only grows, told apart by its labels: `RETRIES.add("post")`."""

    def __init__(self, name: str, says: str, *labels: str, most: int = 1_000) -> None:
        self.name, self.says, self.labels = name, says, labels
        self.most = most
        self._counts: dict[tuple[str, ...], float] = {} if labels else {(): 0.0}
        counters.append(self)

    def add(self, *values: str, by: float = 1) -> None:
        """Count, under one value for each label."""
        counts = self._counts
        found = counts.get(values)
        if found is None and len(counts) >= self.most:
            values = (_UNKNOWN,) * len(self.labels)
            found = counts.get(values)
        counts[values] = (found or 0.0) + by

    def value(self, *values: str) -> float:
        """What was counted so far."""
        return self._counts.get(values, 0.0)

    def metric(self) -> Metric:
        """As prometheus-client writes it."""
        return grown(self.name, self.says, self.labels, self._counts.items())


counters: list[Counter] = []


def gauge(
    name: str, says: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> Metric:
    """Something that goes up and down, as it is now."""
    family = GaugeMetricFamily(name, says, labels=labels)
    for told, value in values:
        family.add_metric(told, value)
    return family


def grown(
    name: str, says: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> Metric:
    """Something that only grows, counted elsewhere."""
    family = CounterMetricFamily(name, says, labels=labels)
    for told, value in values:
        family.add_metric(told, value)
    return family


class _Series:
    __slots__ = ("buckets", "seconds", "statuses")

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.buckets = [0] * len(_LE)
        self.seconds = 0.0


class Traffic:
    """Requests by method, template and status, how long they took, and how many are under way."""

    def __init__(self, most: int = 2_000) -> None:
        self.under_way = 0
        self._most = most
        self._series: dict[tuple[str, str], _Series] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request has been answered; 0 is the status of one that got no answer."""
        series = self._series.get((method, route)) or self._opened(method, route)
        series.statuses[status] = series.statuses.get(status, 0) + 1
        series.buckets[bisect_left(_BOUNDS, seconds)] += 1
        series.seconds += seconds

    def _opened(self, method: str, route: str) -> _Series:
        if method not in _METHODS:  # any word may be sent as one
            method = _UNKNOWN
        if len(self._series) >= self._most:
            route = _UNKNOWN
        return self._series.setdefault((method, route), _Series())

    def text(self) -> str:
        """In Prometheus's format. Written here: there are thousands of lines, and the library
        would keep everybody else waiting ten times as long for them."""
        answered, lasted = [_ANSWERED], [_LASTED]
        for (method, route), series in self._series.items():
            told = f'method="{method}",route="{_escaped(route)}"'
            for status, count in series.statuses.items():
                answered.append(f'http_requests_total{{{told},status="{status}"}} {count}\n')
            total = 0
            for bound, count in zip(_LE, series.buckets, strict=True):
                total += count
                lasted.append(f'{_NAME}_bucket{{{told},le="{bound}"}} {total}\n')
            lasted.append(
                f"{_NAME}_count{{{told}}} {total}\n{_NAME}_sum{{{told}}} {series.seconds}\n"
            )
        return "".join((*answered, *lasted, f"{_UNDER_WAY}{self.under_way}\n"))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


class _All(CollectorRegistry):
    def __init__(self, more: Iterable[Metric]) -> None:
        super().__init__()
        self._more = more

    def collect(self) -> Iterator[Metric]:
        """Everything."""
        yield from _process.collect()  # memory, files, processor, garbage collector
        for counter in counters:
            yield counter.metric()
        yield from self._more


def page(more: Iterable[Metric] = ()) -> bytes:
    """Everything that was counted, and `more`, in Prometheus's text format."""
    return traffic.text().encode() + generate_latest(_All(more))


traffic: Final = Traffic()
_process = CollectorRegistry()
ProcessCollector("", lambda: "self", "/proc", _process)
GCCollector(_process)

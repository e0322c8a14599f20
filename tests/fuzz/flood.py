"""Two hundred megabytes for every kind of address: refused, and not kept."""

from pathlib import Path

from tests.fuzz.crew import Crew
from tests.fuzz.sockets import pour, status_of
from tests.fuzz.town import RunningTown
from tests.fuzz.verdicts import Verdict

_SIZE = 200 * 1_048_576
_PIECE = 65_536
_MOST_MB = 60.0
# of the gateway's own, of each service, and the one that takes the most
_ADDRESSES = {
    "/v1/organisations": "admin",
    "/v1/filings": "volunteer",
    "/v1/initiatives": "volunteer",
    "/v1/delegations": "cooperative",
    "/v1/financing-applications": "cooperative",
    "/v1/repayment-schedules": "cooperative",
}


def flood(town: RunningTown, crew: Crew) -> list[Verdict]:
    """Pour, declared and undeclared, and see what it costs each process at its worst moment."""
    pids = town.pids()
    before = {name: _reset(pid) for name, pid in pids.items()}
    wrong = [
        f"{path} {how} {status}"
        for path, role in _ADDRESSES.items()
        for how, status in _poured(town, path, crew.token(role)).items()
        if status != 413
    ]
    grown = {name: (_peak(pid) - before[name]) / 1024 for name, pid in pids.items()}
    worst = max(grown, key=lambda name: grown[name])
    asked = 2 * len(_ADDRESSES)
    return [
        Verdict("200 MB are 413", f"{asked - len(wrong)} of {asked} {wrong or ''}", not wrong),
        Verdict(
            f"memory grows by at most {_MOST_MB:.0f} MB meanwhile",
            f"{grown[worst]:.1f} MB ({worst})",
            grown[worst] <= _MOST_MB,
        ),
    ]


def _poured(town: RunningTown, path: str, token: str) -> dict[str, int]:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nIdempotency-Key: flood\r\n"
    ).encode()
    port, piece = town.ports["gateway"], b'{"a": "' + b"x" * (_PIECE - 7)
    declared = head + b"Content-Length: %d\r\n\r\n" % _SIZE
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%s\r\n" % (len(piece), piece)
    return {
        "declared": status_of(pour(port, declared, piece, _SIZE // _PIECE)[0]),
        "streamed": status_of(pour(port, chunked, chunk, _SIZE // _PIECE)[0]),
    }


def _reset(pid: int) -> int:
    """Begin to measure the peak anew; kilobytes now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _peak(pid)


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

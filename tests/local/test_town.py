"""The whole town, with fakes living in it: up, kept alive, and down to the last process."""

import json
import os
import signal
import socket

import pytest

from local.errors import CannotRun
from local.members import MEMBERS, Member
from local.ports import choose_ports, require_free
from local.postgres import Cluster
from local.trial import free_ports
from tests.local.terminal import Terminal, is_alive


def test_a_town_comes_up_and_goes_down_in_order(terminal: Terminal) -> None:
    town = terminal.up()
    base = f"http://127.0.0.1:{terminal.env['GATEWAY_PORT']}"
    living = terminal.pids()

    assert json.loads((terminal.folder / "demo.json").read_text()) == {"base_url": base}
    assert f"{base}/docs" in terminal.said
    assert "embedded 18.6, not for production" in terminal.said

    town.send_signal(signal.SIGINT)
    assert town.wait(60) == 0
    assert not [pid for pid in living if is_alive(pid)]
    assert not (terminal.folder / "pgdata-18" / "postmaster.pid").exists()
    assert terminal.run("clean") == (0, "")
    assert not terminal.folder.exists()


def test_each_process_learns_its_own_secrets_and_nobody_elses(standing: Terminal) -> None:
    told = standing.ask("financing")
    peers = json.loads(told["FINANCING_PEERS"])

    assert told["FINANCING_POOL_SIZE"] == "3"
    assert told["FINANCING_PUBLIC_URL"] == peers["gateway"]
    assert peers["registry"].endswith(f":{standing.env['REGISTRY_PORT']}")
    assert told["FINANCING_KEYS_FILE"] != standing.ask("training")["TRAINING_KEYS_FILE"]
    assert not [name for name in told if name.endswith("_OWNER_URL")], "told how to own its tables"
    assert "mboolo_financing" in told["FINANCING_DATABASE_URL"]
    assert not [name for name in told if name.startswith(("REGISTRY_", "TRAINING_", "GATEWAY_"))]
    assert "FINANCING_POOL_SIZE" not in standing.ask("training")


def test_what_dies_is_started_again(standing: Terminal) -> None:
    registry_pid, server_pid = int(standing.ask("registry")["pid"]), standing.server_pid()

    os.kill(registry_pid, signal.SIGKILL)
    os.kill(server_pid, signal.SIGKILL)

    def is_another() -> bool:
        # waited for by its number: how short the time is in which nobody answers is not asked
        return standing.ask("registry").get("pid", str(registry_pid)) != str(registry_pid)

    standing.until(is_another)
    standing.until(lambda: all(standing.ask(member.name) for member in MEMBERS))
    assert standing.server_pid() != server_pid


@pytest.mark.parametrize("command", ["up", "prepare", "clean"])
def test_a_folder_in_use_is_neither_shared_nor_removed(standing: Terminal, command: str) -> None:
    town = standing.started[0]
    code, said = standing.run(command, **free_ports())

    assert code == 1
    assert said.startswith(f"A town runs in {standing.folder} (process {town.pid})")
    assert said.count("\n") == 1
    assert standing.ask("gateway")


def test_nothing_outlives_a_killed_town_and_the_next_one_comes_up(terminal: Terminal) -> None:
    town = terminal.up()
    living = terminal.pids()

    town.kill()
    town.wait()
    terminal.until(lambda: not [pid for pid in living if is_alive(pid)])

    terminal.up()
    assert terminal.ask("gateway")


def test_a_port_in_use_is_named_before_anything_starts(terminal: Terminal) -> None:
    port = terminal.env["TRAINING_PORT"]
    with socket.create_server(("127.0.0.1", int(port))):
        code, said = terminal.run("up")

    assert code == 1
    assert said.startswith(f"Port {port}, for training, is in use")
    assert "TRAINING_PORT=" in said
    assert said.count("\n") == 1
    assert not terminal.folder.exists()


def test_a_wrong_database_url_ends_in_one_sentence(terminal: Terminal) -> None:
    nobody = free_ports()["GATEWAY_PORT"]
    terminal.env["DATABASE_URL"] = f"postgresql://cps:s3cret@127.0.0.1:{nobody}/"
    code, said = terminal.run("up")

    assert code == 1
    assert said.startswith(f"DATABASE_URL names 127.0.0.1:{nobody}, which cannot be reached")
    assert "s3cret" not in said
    assert said.count("\n") == 1


def test_a_server_that_cannot_start_is_named_with_its_last_words(
    terminal: Terminal, server: Cluster
) -> None:
    terminal.env |= {"DATABASE_URL": server.url(), "REGISTRY_HOST": "no address"}
    code, said = terminal.run("up")

    assert code == 1
    assert said.splitlines()[-1].startswith("registry ended while it was starting: ")
    assert str(terminal.folder / "logs" / "registry.log") in said


@pytest.mark.parametrize("written", ["eighty", "0", "65536", "-1"])
def test_a_port_must_be_one(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("REGISTRY_PORT", written)

    with pytest.raises(CannotRun, match=f"REGISTRY_PORT={written} is not a port"):
        choose_ports(MEMBERS)


def test_two_processes_cannot_have_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINING_PORT", "8001")
    monkeypatch.delenv("REGISTRY_PORT", raising=False)

    with pytest.raises(CannotRun, match="TRAINING_PORT=8001 is the port of another process"):
        choose_ports(MEMBERS)


def test_a_port_that_lingers_after_use_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            served, _ = listener.accept()
            served.close()  # this side closes first, and so keeps the port in TIME_WAIT

    member = Member("registry", "services.registry", port, "reg")
    require_free([member], {"registry": port})

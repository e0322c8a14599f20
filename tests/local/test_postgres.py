"""The embedded PostgreSQL: born, killed, started again, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from local import children
from local.errors import CannotRun
from local.folder import open_folder
from local.members import ROOT
from local.owner import bare_environment
from local.postgres import Cluster
from tests.local.terminal import Terminal, is_alive


def sql(cluster: Cluster, *statements: str) -> str:
    """Run statements as the superuser; the last one's single value."""

    async def run() -> str:
        connection = await asyncpg.connect(cluster.url())
        for statement in statements:
            value = await connection.fetchval(statement)
        await connection.close()
        return str(value)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("server_encoding", "UTF8"),
        ("jit", "off"),
        ("track_commit_timestamp", "on"),
        ("max_connections", "200"),
    ],
)
def test_the_server_is_set_up_for_safe_data_and_no_network(
    server: Cluster, setting: str, value: str
) -> None:
    assert sql(server, f"show {setting}") == value


def test_a_stranger_on_the_socket_needs_the_password(server: Cluster) -> None:
    url = server.url().replace(server.record.password("postgres"), "guessed")

    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(asyncpg.connect(url))


def test_passwords_can_be_read_by_their_owner_alone(server: Cluster) -> None:
    assert server.record.path.stat().st_mode & 0o777 == 0o600
    assert server.place.pgdata.stat().st_mode & 0o777 == 0o700


def test_a_killed_server_starts_again_with_its_rows(cluster: Cluster) -> None:
    sql(cluster, "create table kept (n int)", "insert into kept select generate_series(1, 1000)")
    assert cluster.child is not None
    cluster.child.kill()
    cluster.child.wait()
    assert not cluster.is_alive()

    cluster.start()

    assert sql(cluster, "select count(*) from kept") == "1000"


def test_a_server_dies_with_its_killed_supervisor_and_its_rows_stay(folder: Path) -> None:
    open_folder(folder)
    supervisor = subprocess.Popen(
        [sys.executable, "-c", _SUPERVISOR, str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        supervisor.kill()
    Terminal.until(lambda: not is_alive(pid))

    with Cluster(folder).running() as cluster:
        assert sql(cluster, "select n from kept") == "7"


_SUPERVISOR = """
import sys, time
from pathlib import Path
from local.postgres import Cluster
from tests.local.test_postgres import sql
with Cluster(Path(sys.argv[1])).running() as cluster:
    sql(cluster, "create table kept as select 7 as n")
    print(cluster.child.pid, flush=True)
    time.sleep(60)
"""


def test_a_server_that_outlived_its_supervisor_is_ended_first(folder: Path) -> None:
    with Cluster(open_folder(folder)).running() as cluster:
        place = cluster.place
    orphan = children.start(
        [place.binaries / "postgres", "-D", place.pgdata, f"-k{place.socket_folder()}", "-h", ""],
        log=cluster.log,
        env=bare_environment(),
        cwd=Path("/"),
        owner=place.owner,
    )
    Terminal.until(cluster.answers)

    with cluster.running():
        assert orphan.wait(30) == 0
        assert sql(cluster, "select 1") == "1"


def test_a_lock_file_whose_process_id_was_reused_is_no_obstacle(folder: Path) -> None:
    with Cluster(open_folder(folder)).running() as cluster:
        lock = (cluster.place.pgdata / "postmaster.pid").read_text().splitlines()
    stranger = children.start(
        ["sleep", "60"],
        log=cluster.log,
        env=bare_environment(),
        cwd=Path("/"),
        owner=cluster.place.owner,
    )
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        leftover = cluster.place.pgdata / name
        leftover.write_text("\n".join([str(stranger.pid), *lock[1:], ""]))
        if cluster.place.owner:
            cluster.place.owner.take(leftover)

    with cluster.running():
        assert sql(cluster, "select 1") == "1"
    assert stranger.poll() is None
    children.stop([stranger], signal.SIGTERM, 5)


def test_a_folder_has_one_supervisor_at_a_time(server: Cluster) -> None:
    with pytest.raises(CannotRun, match=f"Process {os.getpid()} already runs a PostgreSQL"):
        Cluster(server.data).running().__enter__()


def test_data_of_another_major_version_is_refused_and_left_alone(folder: Path) -> None:
    other = open_folder(folder) / "pgdata-17"
    other.mkdir()

    with pytest.raises(CannotRun, match="pgdata-17 belongs to another major version"):
        Cluster(folder).running().__enter__()

    assert list(folder.glob("pgdata-*")) == [other]


def test_a_cluster_whose_passwords_are_lost_is_refused(folder: Path) -> None:
    (open_folder(folder) / "pgdata-18").mkdir()

    with pytest.raises(CannotRun, match=r"postgres\.json with the passwords .* is missing"):
        Cluster(folder).running().__enter__()

"""What is particular about a container: how it is closed in, how it ends, and what is said when there is none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pgassay.errors import CannotCheck
from pgassay.postgres import container, docker_server
from pgassay.postgres.container import Container
from pgassay.postgres.docker_server import DockerServer
from pgassay.postgres.limits import Limits
from tests.postgres.kinds import IMAGE, docker_client, leaking, skip_without_docker, why_not

OWNER = """
import sys
from pgassay.postgres.container import Container
with Container(sys.argv[1]) as server:
    print(server._server._container.id, server._server._network.id, flush=True)
    server.create("app")
    server.connect("app").run("select pg_sleep(60)")
"""


@pytest.fixture(scope="module")
def docker() -> Iterator[Any]:
    skip_without_docker()
    client = docker_client()
    yield client
    client.close()


@pytest.fixture(scope="module")
def running(docker: Any) -> Iterator[Container]:
    assert docker
    with Container(IMAGE) as server:
        yield server


def inside(server: Container, script: str) -> tuple[int, str]:
    done = server._server._container.exec_run(["bash", "-c", script])
    return done.exit_code, done.output.decode()


def refusal(image: str) -> str:
    with pytest.raises(CannotCheck) as told, Container(image):
        pass
    assert told.value.exit_code == 3
    assert "\n" not in str(told.value)
    return str(told.value)


def is_gone(docker: Any, container_id: str) -> bool:
    return container_id not in [each.id for each in docker.containers.list(all=True)]


def wait_until_gone(docker: Any, container_id: str) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if is_gone(docker, container_id):
            return True
        time.sleep(0.1)
    return False


def test_its_port_is_published_on_the_loopback_only(running: Container) -> None:
    running._server._container.reload()
    ports = running._server._container.attrs["NetworkSettings"]["Ports"]
    assert [each["HostIp"] for each in ports.pop("5432/tcp")] == ["127.0.0.1"]
    assert not any(ports.values())


def test_memory_processes_rights_and_disk_are_limited(running: Container) -> None:
    host = running._server._container.attrs["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 3 << 30
    assert host["PidsLimit"] == 256
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert not host["Privileged"]
    (options,) = host["Tmpfs"].values()
    assert f"size={2 << 30}" in options
    assert "noexec" in options


def test_there_is_no_way_out(running: Container) -> None:
    """An address that answers only where there is a network proves nothing, so this looks at what closes the way."""
    network = running._server._network
    network.reload()
    assert network.attrs["Options"]["com.docker.network.bridge.enable_ip_masquerade"] == "false"
    running._server._container.reload()
    assert list(running._server._container.attrs["NetworkSettings"]["Networks"]) == [network.name]
    assert running._server._container.attrs["HostConfig"]["Dns"] == ["127.0.0.1"]


def test_the_password_in_its_environment_opens_nothing(running: Container) -> None:
    code, said = inside(
        running, 'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U supabase_admin -d pgassay -c "select 1" 2>&1'
    )
    assert code != 0
    assert "password authentication failed" in said


def test_a_full_disk_is_told(docker: Any) -> None:
    """By the statement, or by the end of the server when there was no room for its log either."""
    assert docker
    with Container(IMAGE, limits=Limits(disk=200 << 20)) as server:
        server.create("app")
        with server.connect("app") as session:
            flood = "create table t as select repeat('x', 100) from generate_series(1, 5000000)"
            try:
                outcome = session.run(flood)
                told = outcome.error.sqlstate if outcome.error else "nothing"
            except CannotCheck as death:
                told = str(death)
        assert told in ("53100", f"{IMAGE} ended when it had filled 0.2 GB; write less in one migration")


def test_a_disk_without_room_for_a_database_is_told(docker: Any) -> None:
    assert docker
    with Container(IMAGE, limits=Limits(disk=120 << 20)) as server:

        def fill() -> None:
            for n in range(30):
                server.create(f"app{n}")

        with pytest.raises(CannotCheck) as told:
            fill()
    assert "No space left on device; make room on the server's disk and run pgassay again" in str(told.value)


def test_its_time_is_limited(docker: Any) -> None:
    assert docker
    with Container(IMAGE, limits=Limits(run=4.0)) as server:
        server.create("app")
        with server.connect("app") as session, pytest.raises(CannotCheck, match="had not ended after 4 s"):
            session.run("select pg_sleep(50)")
        assert not server.alive()


def test_a_role_that_may_become_too_much_is_refused(docker: Any) -> None:
    assert docker
    with Container(IMAGE) as server:
        server.create("app")
        grants = "create role between; grant pg_read_server_files to between; grant between to postgres with set false"
        with pytest.raises(CannotCheck, match="the role postgres may become pg_read_server_files"):
            server.prepare("app", grants, roles=["postgres"])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_ending_the_owner_removes_the_container_and_the_next_run_its_network(
    docker: Any, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, IMAGE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        container_id, network_id = process.stdout.readline().split()
        assert not is_gone(docker, container_id)
        started = docker.networks.get(network_id).attrs["Labels"][docker_server.LABEL]
        os.kill(process.pid, number)
        process.wait()
    assert wait_until_gone(docker, container_id)
    assert docker_server._is_old({docker_server.LABEL: str(int(time.time()) - 601)})
    assert not docker_server._is_old({docker_server.LABEL: started})
    # Somebody else's run may be beside this one, and young.
    monkeypatch.setattr(docker_server, "_is_old", lambda labels: labels[docker_server.LABEL] == started)
    with Container(IMAGE) as server:
        assert network_id not in [each.id for each in docker.networks.list()]
        # What is in use is not swept, however old it looks.
        started = server._server._network.attrs["Labels"][docker_server.LABEL]
        DockerServer(IMAGE).close()
        assert server.alive()


def test_a_version_that_is_too_old_is_refused(docker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert docker
    monkeypatch.setattr(container, "OLDEST_MAJOR", 99)
    assert "but pgassay needs 99 or newer" in refusal(IMAGE)


def test_an_image_that_is_not_to_be_had_is_told(docker: Any) -> None:
    assert docker
    said = refusal("pgassay.invalid/no-such-image:1")
    assert "pgassay.invalid/no-such-image:1 is not on this machine and cannot be pulled" in said
    assert "cannot be pulled" in refusal("Not An Image")


def test_an_image_that_is_no_postgresql_is_told(docker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {each.id for each in docker.containers.list(all=True)}
    monkeypatch.setattr(DockerServer, "_find_image", lambda _: {"Entrypoint": ["sh", "-c", "echo no idea >&2"]})
    said = refusal(IMAGE)
    assert "ended, its last words: no idea; see that it is a PostgreSQL image" in said
    monkeypatch.setattr(DockerServer, "_find_image", lambda _: {"Entrypoint": ["sh", "-c", "sleep 30"]})
    monkeypatch.setattr(container, "_UNTIL_READY", 1.0)
    assert "does not answer on 127.0.0.1:" in refusal(IMAGE)
    assert {each.id for each in docker.containers.list(all=True)} == before


def test_an_image_with_a_superuser_of_its_own_is_told(docker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert docker
    entrypoint = ["sh", "-c", 'unset POSTGRES_USER; exec docker-entrypoint.sh "$@"', "sh"]
    monkeypatch.setattr(DockerServer, "_find_image", lambda _: {"Entrypoint": entrypoint, "Cmd": ["postgres"]})
    assert "is not set up as the official image is" in refusal(IMAGE)


def test_without_a_daemon_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    with leaking():
        said = why_not(Container)
    assert said
    assert said.startswith("no Docker daemon answers: ")
    assert said.endswith("start one, or set DOCKER_HOST to where it listens")


def test_without_the_package_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "testcontainers.core.docker_client", None)
    assert 'pip install "pgassay[container]"' in refusal(IMAGE)


def test_a_daemon_on_another_machine_is_told(docker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from testcontainers.core.config import testcontainers_config

    assert docker
    monkeypatch.setattr(testcontainers_config, "tc_host_override", "build.example")
    said = refusal(IMAGE)
    assert "the Docker daemon is on build.example" in said
    assert 'postgres = "url:..."' in said

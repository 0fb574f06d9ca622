"""The three kinds of servers, for tests that hold for all of them."""

from __future__ import annotations

import gc
import os
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from pgassay.errors import CannotCheck
from pgassay.postgres.container import Container
from pgassay.postgres.docker_server import DockerServer
from pgassay.postgres.dsn import parse
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.provider import Provider
from pgassay.postgres.url import Url

IMAGE = os.environ.get("PGASSAY_TEST_IMAGE", "postgres:17")
EVERYTHING = (
    "select 'database ' || datname from pg_database union all select 'role ' || rolname from pg_roles order by 1"
)

Traces = Callable[[], list[str]]


class Kind(Protocol):
    """`traces` is asked while a server runs; what it returns then names all that is left of it, later on."""

    name: str

    def open(self) -> Provider: ...

    def traces(self, server: Any) -> Traces: ...

    @contextmanager
    def mortal(self) -> Iterator[tuple[Provider, Callable[[], None]]]:
        """A running server and what kills it."""
        ...


class EmbeddedKind:
    name = "embedded"

    def open(self) -> Provider:
        return Embedded()

    def traces(self, server: Embedded) -> Traces:
        folder = server.folder
        return lambda: [str(folder)] if folder.exists() else []

    @contextmanager
    def mortal(self) -> Iterator[tuple[Provider, Callable[[], None]]]:
        with Embedded() as server:
            yield server, lambda: kill(server)


class ContainerKind:
    name = f"container:{IMAGE}"

    def open(self) -> Provider:
        return Container(IMAGE)

    def traces(self, server: Container) -> Traces:
        link = server._server
        container, network = link._container.id, link._network.id

        def left() -> list[str]:
            client = docker_client()
            try:
                containers = [each.id for each in client.containers.list(all=True)]
                networks = [each.id for each in client.networks.list()]
                return [each for each in (container, network) if each in containers + networks]
            finally:
                client.close()

        return left

    @contextmanager
    def mortal(self) -> Iterator[tuple[Provider, Callable[[], None]]]:
        with Container(IMAGE) as server:
            yield server, server._server._container.kill


class UrlKind:
    """`host` is the server of somebody else: one of ours, whose superuser's name leaves `postgres` free."""

    name = "url"

    def __init__(self, host: Embedded) -> None:
        self.host = host
        free_postgres(host)

    def open(self) -> Provider:
        return Url(parse(dsn_of(self.host)))

    def traces(self, server: Url) -> Traces:
        run = server._inside()[1].run
        return lambda: [name for name in everything(self.host) if name.startswith((f"role {run}", f"database {run}"))]

    @contextmanager
    def mortal(self) -> Iterator[tuple[Provider, Callable[[], None]]]:
        with Embedded() as host:
            free_postgres(host)
            with Url(parse(dsn_of(host))) as server:
                yield server, lambda: kill(host)


@contextmanager
def kind_called(name: str) -> Iterator[Kind]:
    if name == "embedded":
        yield EmbeddedKind()
    elif name == "url":
        with Embedded() as host:
            yield UrlKind(host)
            assert everything(host) == ["database pgassay", "database template0", "database template1", *SYSTEM_ROLES]
    else:
        skip_without_docker()
        yield ContainerKind()


def skip_without_docker() -> None:
    with leaking():
        reason = why_not(DockerServer)
    if reason:
        pytest.skip(reason)


def why_not(make: Callable[[str], Any]) -> str | None:
    try:
        make(IMAGE).close()
    except CannotCheck as reason:
        return str(reason)
    return None


@contextmanager
def leaking() -> Iterator[None]:
    """docker-py leaves a socket open when nobody answers, which Python tells whenever it finds out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


def docker_client() -> Any:
    from testcontainers.core.docker_client import DockerClient

    return DockerClient().client


def dsn_of(host: Embedded, user: str = "supabase_admin") -> str:
    return f"host={host.folder / 'cluster'} user={user} dbname=pgassay"


def admin(host: Embedded) -> psycopg.Connection[tuple[Any, ...]]:
    """A superuser's connection, as the owner of the server has it."""
    return psycopg.connect(dsn_of(host), autocommit=True)


def free_postgres(host: Embedded) -> None:
    with admin(host) as connection:
        connection.execute("drop role postgres")


def everything(host: Embedded) -> list[str]:
    """All databases and roles but PostgreSQL's own."""
    with admin(host) as connection:
        return [name for (name,) in connection.execute(EVERYTHING) if not name.startswith("role pg_")]


SYSTEM_ROLES = ("role supabase_admin",)


def kill(server: Embedded) -> None:
    pid = Path(server.folder, "cluster/data/postmaster.pid").read_text().split()[0]
    os.kill(int(pid), signal.SIGKILL)

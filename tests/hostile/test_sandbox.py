"""What a superuser of the server can reach, were a migration ever to become one: with the sandbox, and without.

Each attempt is made on both servers, so that none is refused for a reason that has nothing to do with the sandbox.
"""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from msgspec import Struct

from pgassay.pipeline import review
from pgassay.postgres import landlock, sandbox
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.provider import SUPERUSER
from pgassay.postgres.run_folder import SOCKET
from pgassay.postgres.session import Session
from pgassay.postgres.store import Store
from tests.hostile.canaries import Canaries, canaries, owner_of
from tests.hostile.test_attacks import HARMLESS, bench, project

SUBSCRIBE = (
    "create subscription way_out connection 'user=x dbname=x passfile=/dev/null sslmode=disable {}' publication p"
)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")

_numbers = count(1)


class Attempt(Struct, frozen=True):
    """`reached` tells from outside, or from the table `loot`, whether it worked."""

    sql: str
    reached: Callable[[Canaries, Session], bool]


def loot(canary: Canaries, session: Session) -> bool:
    return canary.secret in (session.rows("select string_agg(line, '') from loot")[0][0] or "")


def written(canary: Canaries, _: Session) -> bool:
    return (canary.folder / "written").exists()


def called(canary: Canaries, _: Session) -> bool:
    return bool(select.select([canary.listener], [], [], 0)[0])


ATTEMPTS = {
    "program": Attempt("copy (select 1) to program 'echo x > @folder@/written'", written),
    "program_that_reads": Attempt("copy loot from program 'cat @folder@/secret.txt'", loot),
    "read_file": Attempt("insert into loot select pg_read_file('@folder@/secret.txt')", loot),
    "copy_file": Attempt("copy loot from '@folder@/secret.txt'", loot),
    "write_file": Attempt("copy (select 1) to '@folder@/written'", written),
    "large_object_in": Attempt(
        "select lo_import('@folder@/secret.txt', 71); insert into loot select convert_from(lo_get(71), 'utf8')",
        loot,
    ),
    "large_object_out": Attempt("select lo_from_bytea(7002, 'x'); select lo_export(7002, '@folder@/written')", written),
    "list_folder": Attempt(
        "insert into loot select '@secret@' from pg_ls_dir('@folder@') as f where f = 'secret.txt'", loot
    ),
    "environment": Attempt(
        "insert into loot select encode(pg_read_binary_file('/proc/@pid@/environ'), 'escape')", loot
    ),
    "tcp": Attempt(SUBSCRIBE.format("host=127.0.0.1 port=@port@"), called),
}


@pytest.fixture(scope="module", params=["confined", "free"])
def server(request: pytest.FixtureRequest) -> Iterator[Embedded]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "free":
            patch.setattr(sandbox, "plan", lambda *_: None)
        with Embedded() as server:
            if request.param == "confined" and server.info.unconfined:
                pytest.skip(server.info.unconfined)
            yield server


@pytest.fixture
def session(server: Embedded) -> Iterator[Session]:
    name = f"test_{next(_numbers)}"
    server.create(name)
    with server._databases._session(SUPERUSER, name) as session:
        session.run("create table loot (line text)")
        yield session


@pytest.mark.parametrize("name", ATTEMPTS)
def test_superuser(name: str, server: Embedded, session: Session) -> None:
    attempt = ATTEMPTS[name]
    uid = owner_of(server.folder / "cluster/data")
    with canaries(uid if uid != os.geteuid() else None) as canary:
        outcome = session.run(canary.fill_in(attempt.sql).replace("@secret@", canary.secret), timeout=1)
        assert attempt.reached(canary, session) == bool(server.info.unconfined), outcome
        if not server.info.unconfined:
            assert outcome.error
            canary.check()


def test_superuser_and_sockets_with_a_path(server: Embedded, session: Session) -> None:
    with canaries() as canary, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(canary.folder / SOCKET))
        listener.listen()
        (canary.folder / SOCKET).chmod(0o777)
        session.run(SUBSCRIBE.format(f"host={canary.folder}"), timeout=1)
        assert bool(select.select([listener], [], [], 0)[0]) == bool(server.info.unconfined)


def test_superuser_and_the_environment_of_whoever_started_the_server(server: Embedded, session: Session) -> None:
    outcome = session.run(f"select pg_read_binary_file('/proc/{os.getpid()}/environ')")
    as_ourselves = owner_of(server.folder / "cluster/data") == os.geteuid()
    assert (outcome.error is None) == bool(as_ourselves and server.info.unconfined)


def test_what_belongs_to_a_server_still_works(session: Session) -> None:
    for sql in (
        "create extension vector",
        "create table v (a vector(3)); insert into v values ('[1,2,3]')",
        "vacuum full",
        "checkpoint",
        "create database another",
        "drop database another",
        "set work_mem = '64kB'; select count(*) from (select n from generate_series(1, 100000) as n order by -n) as s",
    ):
        assert session.run(sql).error is None, sql
    assert session.rows("select count(*) > 100 from pg_timezone_names") == [(True,)]
    assert session.rows("select to_tsvector('english', 'running') = to_tsvector('english', 'run')") == [(True,)]


@LINUX
@pytest.mark.parametrize("abi", range(1, 8))
def test_every_landlock_keeps_files_away(abi: int, tmp_path: Path) -> None:
    try:
        if landlock.abi() < abi:
            pytest.skip(f"this kernel's Landlock is {landlock.abi()}")
    except landlock.Missing as reason:
        pytest.skip(str(reason))
    (tmp_path / "own").mkdir()
    (tmp_path / "other").write_text("secret")
    done = in_a_child(
        f"""
        landlock.abi = lambda: {abi}
        assert landlock.confine({{"write": [{str(tmp_path / "own")!r}], "read": ["/nonexistent"]}}) == {abi}
        os.mkdir({str(tmp_path / "own/folder")!r})
        with open({str(tmp_path / "own/folder/file")!r}, "w") as file:
            file.write("x")
        os.rename({str(tmp_path / "own/folder/file")!r}, {str(tmp_path / "own/folder/renamed")!r})
        os.unlink({str(tmp_path / "own/folder/renamed")!r})
        refused(open, {str(tmp_path / "other")!r})
        refused(open, {str(tmp_path / "own/../other")!r}, "w")
        refused(os.listdir, {str(tmp_path)!r})
        refused(os.execv, "/bin/true", ["true"])
        refused(os.symlink, "/", {str(tmp_path / "own/link")!r})
        if {abi} >= 4:
            refused(socket.create_connection, ("127.0.0.1", 1))
        if {abi} >= 6:
            refused(os.kill, os.getppid(), 0)
        """
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "other").read_text() == "secret"


@LINUX
def test_the_filter_leaves_one_kind_of_socket() -> None:
    done = in_a_child(
        """
        before = socket.socket(socket.AF_INET)
        seccomp.refuse_network()
        socket.socket(socket.AF_UNIX).close()
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK).close()
        for family, kind in ((2, 1), (2, 2), (10, 1), (16, 3), (17, 3), (1, 2), (1, 5), (40, 1)):
            refused(socket.socket, family, kind)
        refused(before.connect, ("127.0.0.1", 1))
        refused(socket.socket(socket.AF_UNIX).connect, "/nonexistent")
        library = ctypes.CDLL(None, use_errno=True)
        for call in (lambda: library.syscall(425, 1, None), lambda: library.ptrace(0, 0, None, None)):
            assert call() == -1
            assert ctypes.get_errno() == errno.EACCES
        assert os.listdir("/")
        """
    )
    assert done.returncode == 0, done.stderr


def in_a_child(script: str) -> subprocess.CompletedProcess[str]:
    start = """
    import ctypes, errno, os, socket
    from pgassay.postgres import landlock, seccomp

    def refused(do, *arguments):
        try:
            do(*arguments)
        except PermissionError:
            return
        raise AssertionError((do, arguments))

    assert ctypes.CDLL(None).prctl(38, 1, 0, 0, 0) == 0
    """
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(start) + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
    )


@LINUX
def test_a_kernel_without_landlock_is_told() -> None:
    """A filter in front of everything answers as such a kernel does, and as old container runtimes do."""
    script = """
    import ctypes, struct
    call = [(0x20, 0, 0, 0), (0x15, 0, 1, 444), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in call))
    libc = ctypes.CDLL(None)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, struct.pack("HP", len(call), ctypes.addressof(code)), 0, 0) == 0

    from pgassay.postgres.embedded import Embedded
    with Embedded() as server:
        print(server.info.unconfined)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True)
    assert done.stdout == "Landlock: it is not in this kernel\n"


def test_a_server_that_does_not_start_confined_starts_free(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose libraries lie where nobody expects them; and the report says so."""
    monkeypatch.setattr(sandbox, "plan", lambda _, own: {"write": [str(own)]})
    harmless = project(HARMLESS)
    report = review(harmless, bench(harmless, store))
    (note,) = (each for each in report.unchecked if "sandbox" in each.what)
    assert "the server does not start in it: Permission denied" in note.why
    assert not report.incomplete
